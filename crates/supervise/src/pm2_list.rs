//! The list of processes within what `pm2 jlist` printed.

use serde_json::Value;

/// Every process that pm2 keeps; none: there is no list. Banners stand before it, some of which begin with `[PM2]`. What
/// it says besides is never shown: it holds the environments of all processes.
///
/// ```
/// let printed = "[PM2] Spawning PM2 daemon\n[{\"name\": \"api-1\"}]\n";
/// assert_eq!(supervise::pm2_list::processes_in(printed).unwrap()[0]["name"], "api-1");
/// ```
pub fn processes_in(printed: &str) -> Option<Vec<Value>> {
    let starts = printed.match_indices('[').map(|(at, _)| at);
    starts.filter(|at| *at == 0 || printed.as_bytes()[at - 1] == b'\n').find_map(|at| {
        let mut values = serde_json::Deserializer::from_str(&printed[at..]).into_iter();
        values.next()?.ok()
    })
}
