//! Stories of reading what a person wrote: everything that is wrong is said at once, with its line.

use domain::said::Language;
use jiff::SignedDuration;
use source::{Fields, Node, Problems, Shape, yaml};

fn read(text: &str) -> (Option<Node>, Problems) {
    let mut problems = Problems::new();
    let node = yaml::read("hikeshi.yaml", text, 0, &mut problems);
    (node, problems)
}

#[test]
fn every_mistake_is_reported_with_its_line_and_a_hint() {
    let (node, mut problems) = read("timeuot: 5s\nevery: soon\nname: [a]\n");
    let node = node.expect("the syntax is fine");
    let mut fields = Fields::open(&node, &mut problems).expect("it is a mapping");
    fields.duration_or("timeout", SignedDuration::ZERO, &mut problems);
    fields.duration_or("every", SignedDuration::ZERO, &mut problems);
    fields.text("name", &mut problems);
    fields.required("url", &mut problems);
    fields.finish(&mut problems);
    assert_eq!(
        problems.render(Language::En),
        "hikeshi.yaml:1: `url` is missing\n  hint: add `url:` here\n\
         hikeshi.yaml:1: unknown key `timeuot`\n  hint: did you mean `timeout`?\n\
         hikeshi.yaml:2: expected a duration such as 500ms, 30s, 5m, 1h, found `soon`\n\
         hikeshi.yaml:3: expected a text, found a list"
    );
    assert!(problems.render(Language::Ja).contains("`timeout` のことですか?"));
}

#[test]
fn a_duplicate_key_names_its_first_line() {
    let (_, problems) = read("a: 1\nb: 2\na: 3\n");
    assert_eq!(
        problems.render(Language::En),
        "hikeshi.yaml:3: key `a` is here twice (also in line 1)"
    );
}

#[test]
fn a_syntax_error_has_its_line() {
    let (node, problems) = read("services:\n  api: [1, 2\nother: 3\n");
    assert!(node.is_none());
    assert!(problems.render(Language::En).contains("YAML syntax error"), "{problems:?}");
}

#[test]
fn a_second_document_is_not_dropped_in_silence() {
    let (node, problems) = read("a: 1\n---\nb: 2\n");
    assert!(node.is_none());
    assert_eq!(problems.len(), 1);
}

#[test]
fn aliases_work_but_cannot_be_used_as_a_bomb() {
    let (node, problems) = read("a: &x [1, 2]\nb: *x\n");
    assert!(problems.is_empty());
    let Some(Node { shape: Shape::Map(entries), .. }) = node else { panic!("a mapping") };
    assert_eq!(entries[0].2.shape, entries[1].2.shape);

    let mut bomb = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
    for i in 1..9 {
        let last = vec![format!("*a{}", i - 1); 10].join(",");
        bomb.push_str(&format!("a{i}: &a{i} [{last}]\n"));
    }
    let (node, problems) = read(&bomb);
    assert!(node.is_none() && problems.len() == 1, "{problems:?}");
}

#[test]
fn an_overlay_changes_only_what_it_names() {
    let (under, _) = read("services:\n  api-1: {port: 8080, unit: api}\nproduct: x\n");
    let (over, _) = read("services:\n  api-1: {port: 18080, unit: ~}\n");
    let merged = under.expect("reads").overlaid_with(over.expect("reads"));
    let (expected, _) = read("services:\n  api-1: {port: 18080}\nproduct: x\n");
    assert_eq!(plain(&merged), plain(&expected.expect("reads")));
}

#[test]
fn sizes_and_durations_are_read_as_people_write_them() {
    let (node, mut problems) = read("[64MiB, 1GB, 5 apples]");
    let list = node.expect("reads").list(&mut problems).expect("a list");
    assert_eq!(list[0].bytes(&mut problems), Some(64 << 20));
    assert_eq!(list[1].bytes(&mut problems), Some(1_000_000_000));
    assert_eq!(list[2].bytes(&mut problems), None);
    assert_eq!(problems.len(), 1);
}

#[test]
fn a_default_that_is_taken_is_kept_with_its_keys() {
    let (node, mut problems) = read("probes:\n  web/up: {every: 1s}\nlist: [{a: 1}, {}]\n");
    let node = node.expect("reads");
    let mut top = Fields::open(&node, &mut problems).expect("a mapping");
    assert_eq!(top.text_or("product", "x", &mut problems), "x");
    let probes = top.mapping("probes");
    let mut probes = Fields::open(&probes, &mut problems).expect("a mapping");
    let web = probes.mapping("web/up");
    let mut web = Fields::open(&web, &mut problems).expect("a mapping");
    let ten = SignedDuration::from_secs(10);
    assert_eq!(web.duration_or("every", ten, &mut problems), SignedDuration::from_secs(1));
    assert_eq!(web.duration_or("timeout", ten, &mut problems), ten);
    // A mapping that nobody wrote has its place all the same.
    let expect = web.mapping("expect");
    Fields::open(&expect, &mut problems).expect("empty").count_or("status", 200, &mut problems);
    for one in top.optional("list").expect("there").list(&mut problems).expect("a list") {
        Fields::open(&one, &mut problems).expect("a mapping").count_or("a", 2, &mut problems);
    }
    // What the program made up stands nowhere.
    let made_up = Node::made_up(node.place.clone(), Shape::Empty);
    Fields::open(&made_up, &mut problems).expect("empty").flag_or("b", true, &mut problems);
    let assumed = problems.assumed().iter();
    let assumed: Vec<_> = assumed.map(|one| (one.path.as_str(), one.value.as_str())).collect();
    assert_eq!(
        assumed,
        [
            ("product", "x"),
            ("probes.web/up.timeout", "10s"),
            ("probes.web/up.expect.status", "200"),
            ("list.2.a", "2"),
        ]
    );
    assert!(problems.is_empty());
}

fn plain(node: &Node) -> String {
    match &node.shape {
        Shape::Empty => "-".into(),
        Shape::Scalar(text) => text.clone(),
        Shape::List(nodes) => nodes.iter().map(plain).collect::<Vec<_>>().join(","),
        Shape::Map(entries) => {
            entries.iter().map(|(key, _, node)| format!("{key}={{{}}}", plain(node))).collect()
        }
    }
}
