//! Services as a drawing of what needs what.

use crate::links;
use std::collections::{BTreeMap, BTreeSet};
use web::services::{Look, Seen};

/// A box of the drawing.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// Where more is told of it.
    pub(crate) link: String,
    pub(crate) x: i64,
    pub(crate) y: i64,
    pub(crate) title: String,
    pub(crate) whole: String,
    pub(crate) look: Look,
    pub(crate) is_cause: bool,
    pub(crate) is_worked_on: bool,
}

/// What needs what, from what users come for at the top down to what everything stands on.
#[derive(Clone, Debug)]
pub(crate) struct Drawing {
    pub(crate) width: i64,
    pub(crate) height: i64,
    pub(crate) nodes: Vec<Node>,
    /// Paths of SVG, and whether trouble goes along them.
    pub(crate) lines: Vec<(String, bool)>,
}

const WIDTH: i64 = 148;
const HEIGHT: i64 = 40;
const ACROSS: i64 = WIDTH + 20;
const DOWN: i64 = HEIGHT + 40;
/// Titles are cut to this width; a Japanese character is as wide as two others.
const TITLE: usize = 17;
/// More boxes than this are a list, not a picture.
const MOST: usize = 60;

/// Draws services; none: there is nothing to see in a drawing.
pub(crate) fn draw(all: &[Seen]) -> Option<Drawing> {
    if all.len() < 2 || all.len() > MOST {
        return None;
    }
    let index: BTreeMap<_, _> = all.iter().enumerate().map(|(at, seen)| (&seen.name, at)).collect();
    let below = |at: usize| all[at].needs.iter().filter_map(|need| index.get(need).copied());
    // The graph has no circles: as many rounds as there are services put each below everything that needs it.
    let mut layer = vec![0_usize; all.len()];
    for _ in 0..all.len() {
        for at in 0..all.len() {
            below(at).for_each(|need| layer[need] = layer[need].max(layer[at] + 1));
        }
    }
    // What something needs is right below it, where nothing else keeps it higher: lines are short.
    let is_needed: BTreeSet<usize> = (0..all.len()).flat_map(below).collect();
    for _ in 0..all.len() {
        for at in is_needed.iter().copied() {
            let lowest = below(at).map(|need| layer[need]).min();
            layer[at] = lowest.map_or(layer[at], |lowest| lowest.saturating_sub(1).max(layer[at]));
        }
    }
    let deepest = layer.iter().copied().max().unwrap_or(0);
    let mut rows: Vec<Vec<usize>> = vec![Vec::new(); deepest + 1];
    (0..all.len()).for_each(|at| rows[layer[at]].push(at));
    let widest = rows.iter().map(Vec::len).max().unwrap_or(1);
    let mut x = vec![0_i64; all.len()];
    for row in &mut rows {
        // Each stands below the middle of those that need it, so that few lines cross.
        row.sort_by_key(|at| {
            let parents = (0..all.len()).filter(|parent| below(*parent).any(|need| need == *at));
            let places: Vec<_> = parents.map(|parent| x[parent]).collect();
            places.iter().sum::<i64>() / i64::try_from(places.len().max(1)).unwrap_or(1)
        });
        let indent = i64::try_from(widest - row.len()).unwrap_or(0) * ACROSS / 2;
        for (place, at) in (0_i64..).zip(row.iter()) {
            x[*at] = indent + place * ACROSS;
        }
    }
    let y = |at: usize| i64::try_from(layer[at]).unwrap_or(0) * DOWN;
    let node = |(at, seen): (usize, &Seen)| Node {
        link: links::service(&seen.name),
        x: x[at],
        y: y(at),
        title: cut(&seen.title, TITLE),
        whole: seen.title.clone(),
        look: seen.look,
        is_cause: seen.is_cause,
        is_worked_on: seen.is_worked_on,
    };
    let line = |from: usize, to: usize| {
        let (x1, y1, x2, y2) = (x[from] + WIDTH / 2, y(from) + HEIGHT, x[to] + WIDTH / 2, y(to));
        let half = (y2 - y1) / 2;
        let path = format!("M{x1} {y1}C{x1} {} {x2} {} {x2} {y2}", y1 + half, y2 - half);
        (path, all[from].look == Look::Bad && all[to].look == Look::Bad)
    };
    Some(Drawing {
        width: i64::try_from(widest).unwrap_or(1) * ACROSS - (ACROSS - WIDTH),
        height: i64::try_from(deepest).unwrap_or(0) * DOWN + HEIGHT,
        nodes: all.iter().enumerate().map(node).collect(),
        lines: (0..all.len())
            .flat_map(|at| below(at).map(move |to| (at, to)))
            .map(|(at, to)| line(at, to))
            .collect(),
    })
}

/// As much of a text as fits.
fn cut(text: &str, width: usize) -> String {
    let wide = |c: char| if c.is_ascii() { 1 } else { 2 };
    if text.chars().map(wide).sum::<usize>() <= width {
        return text.to_owned();
    }
    let mut used = 1;
    let fits = |c: &char| {
        used += wide(*c);
        used <= width
    };
    let mut short: String = text.chars().take_while(fits).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::ServiceName;

    fn seen(name: &str, needs: &[&str]) -> Seen {
        Seen {
            name: name.into(),
            title: name.to_owned(),
            look: Look::Good,
            why: domain::said::Said::default(),
            seen_at: None,
            alerts: 0,
            is_cause: false,
            is_worked_on: false,
            is_function: false,
            needs: needs.iter().map(|need| ServiceName::from(*need)).collect(),
            needs_titles: Vec::new(),
        }
    }

    #[test]
    fn what_is_needed_stands_below_what_needs_it() {
        let all = [
            seen("api", &["api-1", "api-2", "database"]),
            seen("api-1", &["database"]),
            seen("api-2", &["database"]),
            seen("database", &[]),
            seen("prices", &["api"]),
        ];
        let drawing = draw(&all).expect("a drawing");
        let y = |name: &str| drawing.nodes.iter().find(|n| n.title == name).expect("there").y;
        assert_eq!(["prices", "api", "api-1", "api-2", "database"].map(y), [0, 80, 160, 160, 240]);
        assert_eq!(drawing.lines.len(), 6);
        let places: BTreeSet<_> = drawing.nodes.iter().map(|node| (node.x, node.y)).collect();
        assert_eq!(places.len(), 5, "no two on one place");
        assert!(draw(&all[..1]).is_none());
    }

    #[test]
    fn titles_are_cut_by_how_wide_they_look() {
        assert_eq!(cut("株価表示", 17), "株価表示");
        assert_eq!(cut("株価予測サービスの入口", 17), "株価予測サービス…");
        assert_eq!(cut("a very long title of a service", 17), "a very long titl…");
    }
}
