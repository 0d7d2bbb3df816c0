//! Bash bodies taken apart: commands, words, variables and the way they stand.

use runbook::{
    syntax::read,
    words::{Context, Joined},
};

fn context(text: &str) -> Vec<Context> {
    read(text)
        .uses
        .into_iter()
        .filter(|found| found.name.starts_with("HK_"))
        .map(|found| found.context)
        .collect()
}

#[test]
fn it_sees_how_a_variable_stands() {
    use Context::*;
    for (text, expected) in [
        (r#"curl "$HK_URL""#, vec![Quoted]),
        (r#"curl "a ${HK_URL} b""#, vec![Quoted]),
        ("curl $HK_URL", vec![Bare]),
        (r#"x="$(curl $HK_URL)""#, vec![Bare]),
        (r#"x=$(curl "$HK_URL")"#, vec![Quoted]),
        ("x=`curl $HK_URL`", vec![Bare]),
        ("echo '$HK_URL'", vec![Literal]),
        ("# $HK_URL", vec![]),
        ("echo a#b # $HK_URL", vec![]),
        ("echo $((HK_PORT + 1))", vec![Arithmetic]),
        ("if (( $HK_PORT > 5 )); then :; fi", vec![Arithmetic]),
        (r#"echo "${x:$HK_PORT}""#, vec![Nested]),
        (r#"echo "${!HK_PORT}""#, vec![Nested]),
        (r#"echo "${HK_PORT@P}""#, vec![Nested]),
        ("cat <<E\n$HK_PORT\nE\n", vec![HereDocument]),
        ("cat <<'E'\n$HK_PORT\nE\necho \"$HK_X\"", vec![Literal, Quoted]),
        (r#"cat <<<"$HK_PORT""#, vec![Quoted]),
        (r#"echo \$HK_PORT"#, vec![Literal]),
        (r#"echo "a\"$HK_PORT""#, vec![Quoted]),
    ] {
        assert_eq!(context(text), expected, "{text}");
    }
}

#[test]
fn it_parts_commands_and_words() {
    let script = read("a 'b c' \"d\" | e; f $(g h) \\\n i\n");
    let commands: Vec<Vec<&str>> = script
        .commands
        .iter()
        .map(|command| command.words.iter().map(|word| word.text.as_str()).collect())
        .collect();
    assert_eq!(commands, [vec!["a", "b c", "d"], vec!["e"], vec!["g", "h"], vec!["f", "$", "i"]]);
}

#[test]
fn lines_are_counted_through_everything() {
    let script = read("a \\\n b\n'c\nd'\n\"$HK_X\"\n");
    assert_eq!(script.uses[0].line, 4);
}

#[test]
fn what_is_never_closed_is_seen_and_the_scanner_ends() {
    for text in ["echo 'a", "echo \"a", "echo $(a", "echo ${a", "echo $((1", "cat <<E\na\n", "`a"] {
        assert!(read(text).broken.is_some(), "{text}");
    }
    assert_eq!(read("case $x in a) b;; esac").broken, None);
    assert_eq!(read("f() { a; }\nx=(1 2)\n").broken, None);
}

#[test]
fn what_surrounds_a_command_is_known() {
    let script = read(
        "if ! curl -f x; then a | b || echo no >>log & fi\nPGPASSWORD=x sudo -u postgres timeout -k 5 9 psql -c '1'\n",
    );
    let seen: Vec<_> = script
        .commands
        .iter()
        .map(|command| (command.program(), command.joined, command.is_condition))
        .collect();
    assert_eq!(
        seen,
        [
            ("curl", Joined::First, true),
            ("a", Joined::First, false),
            ("b", Joined::Pipe, false),
            ("echo", Joined::Or, false),
            ("psql", Joined::First, false),
        ]
    );
    assert_eq!(script.commands[1].pipeline, script.commands[2].pipeline);
    let redirect = &script.commands[3].redirects[0];
    assert_eq!((redirect.operator.as_str(), redirect.target.text.as_str()), (">>", "log"));
    assert_eq!(script.commands[4].sets, ["PGPASSWORD"]);
}

/// What the grammar does not know would be refused at load: bash as teams write it must not be.
#[test]
fn bash_as_people_write_it_is_understood() {
    for body in include_str!("normal.txt").split("\n====\n") {
        assert_eq!(runbook::shell::check(body), [], "{body}");
        assert!(!runbook::shell::hides_failure(body), "{body}");
    }
}

#[test]
fn loops_that_never_end_are_seen() {
    for text in
        ["while true; do sleep 1; done", "until false; do a; done", "for ((;;)); do a; done"]
    {
        assert_eq!(read(text).endless_loops, [0], "{text}");
    }
    for text in [
        "while true; do a && break; done",
        "while read -r x; do a; done",
        "for i in 1 2; do a; done",
    ] {
        assert_eq!(read(text).endless_loops, [0; 0], "{text}");
    }
}

#[test]
fn a_text_that_nests_too_deep_is_broken_and_ends() {
    let deep = format!("{}echo{}", "$(".repeat(2_000), ")".repeat(2_000));
    assert!(read(&deep).broken.is_some());
    assert!(read(&"a".repeat(1 << 20)).broken.is_some());
}

proptest::proptest! {
    #[test]
    fn any_text_is_taken_apart_without_a_panic(text in "[a$\"'`(){}\\[\\]<>|&;#=!\n ~日-]{0,80}") {
        let _ = runbook::shell::check(&text);
        let _ = runbook::shell::hides_failure(&text);
    }
}
