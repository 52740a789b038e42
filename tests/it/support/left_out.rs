//! What could not run on this machine, printed by name when the whole run has ended.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Mutex, Once, PoisonError};

/// By part: the tests that wanted it.
static LEFT_OUT: Mutex<BTreeMap<&str, Vec<String>>> = Mutex::new(BTreeMap::new());

/// Notes that `test` cannot run for want of `part`.
///
/// # Panics
/// When `DRIPLINE_TEST_REQUIRE`, a list joined by commas, names the part: then its absence is a failure.
pub fn note(part: &'static str, test: &str) {
    let required = std::env::var("DRIPLINE_TEST_REQUIRE").unwrap_or_default();
    let is_required = required.split(',').any(|name| name.trim() == part);
    assert!(
        !is_required,
        "{part} is required by DRIPLINE_TEST_REQUIRE and not to be had"
    );
    static AT_END: Once = Once::new();
    AT_END.call_once(|| {
        // SAFETY: `print` takes nothing, returns nothing and does not unwind.
        unsafe { atexit(print) };
    });
    let mut left_out = LEFT_OUT.lock().unwrap_or_else(PoisonError::into_inner);
    left_out.entry(part).or_default().push(test.to_owned());
}

// Every other way to speak after the last test would be a test itself, and tests come in any order.
unsafe extern "C" {
    fn atexit(print: extern "C" fn()) -> std::ffi::c_int;
}

/// Straight to standard error: cargo keeps what passing tests print to itself.
extern "C" fn print() {
    let left_out = LEFT_OUT.lock().unwrap_or_else(PoisonError::into_inner);
    let mut text = String::new();
    for (part, tests) in left_out.iter() {
        let mut tests = tests.clone();
        tests.sort();
        text += &format!("left out, because {part} is not installed: {}\n", plural(tests.len()));
        for test in tests {
            text += &format!("  {test}\n");
        }
    }
    let _ = std::io::stderr().write_all(text.as_bytes());
}

fn plural(tests: usize) -> String {
    if tests == 1 {
        "1 test".to_owned()
    } else {
        format!("{tests} tests")
    }
}
