# A66, B33: a deployment shortly before trouble is told with it; one that is long ago, or of something else, is not
given ../examples/miraikakaku
mark "deploy v1.1" on mks-backend
pass 31m
mark "deploy v1.2" on mks-backend
mark "deploy v9" on frontend
pass 5m
when mks-backend breaks
pass 2m
expect detected INC-1
told 直前の変更: deploy v1.2 — MKS バックエンド (story, 
never told deploy v1.1
never told deploy v9
