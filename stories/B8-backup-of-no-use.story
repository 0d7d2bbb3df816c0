# B8, C16: a backup that cannot be restored is a warning; it is read again to its end, and nothing is deleted
given ../examples/miraikakaku
when backups/newest listed is false
when step read fails
pass 2h
expect alert A1 [warning] バックアップ失敗
expect runbook backup-failed on backups
expect diagnose read → backups
expect looked
expect chat must be told (backup_failed@backups firing)
never detected INC-1
never RUN-1: respond
