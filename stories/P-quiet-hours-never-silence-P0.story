# 静かな時間は P0 を止めない: 3 時でも鈴木の電話が鳴る
given personal
tanaka opens P0: データベース全損の疑い
pass 31m
expect レベル 2 レベル2 → suzuki
told pager to suzuki: [P0]
never not before
