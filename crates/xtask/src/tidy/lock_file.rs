//! Rule: guests are few. The lock file may name so many packages and no more.

use super::problem::Problem;
use crate::files::File;

/// Ours and others'.
const LIMIT: usize = 450;

/// Counts the packages in `Cargo.lock`.
pub fn check(files: &[File]) -> Vec<Problem> {
    let Some(lock) = files.iter().find(|file| file.path == "Cargo.lock") else {
        return vec![Problem::error(
            "Cargo.lock",
            1,
            "there is no lock file",
            "cargo generate-lockfile, and keep it",
        )];
    };
    let packages = lock.text.lines().filter(|line| *line == "[[package]]").count();
    let message = format!("{packages} packages; at most {LIMIT} are welcome");
    let hint = "cargo tree --duplicates; cargo tree --invert PACKAGE; switch off features";
    (packages > LIMIT).then(|| Problem::error(&lock.path, 1, message, hint)).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::problem::told;

    #[test]
    fn one_guest_too_many_is_found() {
        let lock = |count: usize| [File::new("Cargo.lock", "[[package]]\n".repeat(count))];
        assert!(check(&lock(LIMIT)).is_empty());
        assert_eq!(
            told(&check(&lock(LIMIT + 1))),
            ["Cargo.lock:1: 451 packages; at most 450 are welcome"]
        );
        assert_eq!(told(&check(&[])), ["Cargo.lock:1: there is no lock file"]);
    }
}
