//! What the check of bash bodies lets pass, and what it finds.

use runbook::shell::{check, hides_failure};

#[test]
fn what_a_normal_procedure_does_passes() {
    for body in [
        r#"systemctl show -p ActiveState -p Result -- "$HK_UNIT""#,
        r#"curl -fsS --max-time 5 -o /dev/null --url "$HK_HEALTH_URL""#,
        r#"psql -h "$HK_HOST" -p "$HK_PORT" -c 'SELECT 1'"#,
        r#"awk -v unit="$HK_UNIT" '$1 == unit' /proc/mounts"#,
        r#"if [ "$HK_PORT" -gt 1024 ]; then echo high; fi"#,
        r#"[[ "$HK_UNIT" == mks-* ]] && echo ours"#,
        r#"tail -n 50 "/var/log/$HK_UNIT/error.log" | sed -n 5p"#,
        r#"grep -c eval "$HK_LOG_PATH""#,
        "free -h\nps aux --sort=-%mem | head -10",
        r#"x="$HK_PORT"; [[ $x == 5100 ]] && test "$x" -gt 5"#,
        r#"n=$(grep -c ERROR "$HK_LOG_PATH"); echo $((n + 1))"#,
        r#"n=5; echo $((n + 1)); [[ $n -gt 5 ]]; ls $n"#,
        r#"jq --arg unit "$HK_UNIT" '.[] | select(.unit == $unit)' f"#,
        "cat <<'E'\n$HK_UNIT\nE",
        r#"bash /opt/restart.sh "$HK_UNIT""#,
        r#"declare x="$HK_UNIT"; local y="$HK_UNIT""#,
        r#"psql -h "$HK_HOST" -tAc 'SELECT 1'"#,
        r#"while read -r line; do echo "$line"; done < "$HK_LOG_PATH""#,
        r#"(exec 3<>"/dev/tcp/$HK_HOST/$HK_PORT") 2>/dev/null"#,
        r#"URL="$HK_HEALTH_URL" curl -fsS --url "http://127.0.0.1:$HK_PORT/health""#,
    ] {
        assert_eq!(check(body), [], "{body}");
    }
}

#[test]
fn a_parameter_where_it_would_become_code_is_found() {
    for body in [
        "systemctl restart $HK_UNIT",
        r#"eval "restart $HK_UNIT""#,
        "FOO=1 sudo eval x",
        r#"sudo bash -lc "restart $HK_UNIT""#,
        r#"echo x | xargs sh -c 'rm x'"#,
        r#"[[ "$HK_PORT" -gt 5 ]]"#,
        r#"[[ -n x && "$HK_PORT" -gt 5 ]]"#,
        r#"[[ -v "$HK_UNIT" ]]"#,
        "echo $(( HK_PORT + 1 ))",
        r#"let "x = $HK_PORT""#,
        r#"declare -i x="$HK_PORT""#,
        r#"unset "$HK_UNIT""#,
        r#"awk "/$HK_UNIT/ { print }" /var/log/syslog"#,
        r#"sed -i "s/a/$HK_UNIT/" f"#,
        r#"sed -n -e "/$HK_UNIT/p" f"#,
        r#"psql -h "$HK_HOST" -c "SELECT '$HK_UNIT'""#,
        r#"python3 -c "print('$HK_UNIT')""#,
        r#""$HK_UNIT" --version"#,
        r#". "$HK_PATH""#,
        "echo 'never closed",
        // What a scan of the text could not see.
        r#"x="$HK_PORT"; [[ $x -gt 5 ]]"#,
        r#"x="$HK_PORT"; y="$x"; echo $((y + 1))"#,
        r#"x="$HK_PORT"; if (( x > 5 )); then :; fi"#,
        r#"x="$HK_UNIT"; systemctl restart $x"#,
        r#"x=$(tail -n 1 "$HK_LOG_PATH"); [[ $x -gt 5 ]]"#,
        r#"read -r x <<<"$HK_PORT"; [[ "$x" -gt 5 ]]"#,
        r#"echo "$HK_PORT" | while read -r x; do echo $((x)); done"#,
        r#"printf -v x %s "$HK_PORT"; let "x + 1""#,
        r#"for x in "$HK_UNIT"; do eval "$x"; done"#,
        r#"y="$HK_UNIT"; awk "/$y/" /var/log/syslog"#,
        r#"y="$HK_UNIT"; psql -c "SELECT '$y'""#,
        r#"echo "$(echo "$(curl $HK_URL)")""#,
        "psql <<E\nSELECT '$HK_UNIT'\nE",
        r#"x="$HK_UNIT"
cat <<E
$x
E"#,
        r#"echo "$HK_UNIT" | bash"#,
        r#"psql <<<"SELECT '$HK_UNIT'""#,
        r#"ssh web "systemctl restart $HK_UNIT""#,
        r#"trap "rm $HK_UNIT" EXIT"#,
        r#"sudo -u postgres psql -c "SELECT '$HK_UNIT'""#,
        r#"timeout 5 "$HK_UNIT""#,
        r#"jq ".[] | $HK_UNIT" f"#,
        "a[$HK_PORT]=1",
        r#"x="$HK_PORT"; a[x]=1"#,
        r#"x="$HK_PORT"; for ((i = 0; i < x; i++)); do :; done"#,
        "let x=HK_PORT",
        "[[ HK_PORT -gt 5 ]]",
        "declare -i x=HK_PORT",
        r#"read -r "$HK_UNIT" < /etc/hostname"#,
        r#"bash "$HK_PATH""#,
        r#"bash <(echo "$HK_UNIT")"#,
        r#"source <(echo "$HK_UNIT")"#,
        r#"psql -tAc "SELECT '$HK_UNIT'""#,
        r#"sed -ne "/$HK_UNIT/p" f"#,
        r#"watch "ls $HK_UNIT""#,
        r#"x=HK_UNIT; echo "${!x}" "$HK_UNIT" $HK_UNIT"#,
        "systemctl restart <service>",
    ] {
        assert_eq!(check(body).len(), 1, "{body}: {:?}", check(body));
    }
}

#[test]
fn a_finding_has_its_line_and_its_hint() {
    let found = &check("echo ok\nsystemctl restart $HK_UNIT\n")[0];
    assert_eq!(found.line, 1);
    assert_eq!(found.message.en, "`$HK_UNIT` stands outside double quotes");
    assert!(found.hint.ja.contains("\"$HK_UNIT\""));
}

#[test]
fn a_verification_that_cannot_fail_is_seen() {
    assert!(hides_failure("curl -f \"$HK_URL\" || echo 'API-1 異常'\n"));
    assert!(hides_failure("# nothing\n"));
    assert!(!hides_failure("true\n"));
    assert!(hides_failure("sleep 5\ncurl -f \"$HK_URL\" || { echo bad >&2; }\n"));
    assert!(hides_failure("if curl -f \"$HK_URL\"; then echo good; else echo bad; fi\n"));
    assert!(!hides_failure("if curl -f \"$HK_URL\"; then echo good; else exit 1; fi\n"));
    assert!(!hides_failure("curl -f \"$HK_URL\" || exit 1\n"));
    assert!(!hides_failure("curl -f \"$HK_URL\"\n"));
    assert!(!hides_failure("a || true\ncurl -f \"$HK_URL\"\n"));
}
