//! What questions can tell, worked out once for each framework and way of asking.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use crate::framework::Framework;
use crate::framework::coverage::{self, Asking, Coverage};

/// As many as somebody looks at while designing.
const KEPT: usize = 64;

/// By what it hangs on, written out: the same questions to the same needs and segments tell the same,
/// in whichever framework and database they stand.
static CACHE: Mutex<VecDeque<(String, Arc<Coverage>)>> = Mutex::new(VecDeque::new());

/// Takes up to a second for a new one: not for a thread that others wait for.
pub fn coverage(framework: &Framework, asking: &Asking) -> Arc<Coverage> {
    let key = key(framework, asking);
    let known = |cache: &VecDeque<(String, Arc<Coverage>)>| {
        cache
            .iter()
            .find(|(known, _)| *known == key)
            .map(|(_, coverage)| Arc::clone(coverage))
    };
    if let Some(coverage) = known(&CACHE.lock().unwrap_or_else(PoisonError::into_inner)) {
        return coverage;
    }
    let coverage = Arc::new(coverage::of(framework, asking));
    let mut cache = CACHE.lock().unwrap_or_else(PoisonError::into_inner);
    cache.push_front((key, Arc::clone(&coverage)));
    cache.truncate(KEPT);
    coverage
}

fn key(framework: &Framework, asking: &Asking) -> String {
    format!(
        "{:?} {} {:?} {asking:?}",
        framework.needs.iter().map(|need| &need.code).collect::<Vec<_>>(),
        framework.settings.min_scored_answers,
        framework
            .segments
            .iter()
            .map(|segment| (&segment.code, &segment.profile))
            .collect::<Vec<_>>(),
    )
}
