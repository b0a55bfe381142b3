//! Values that were computed once, kept up to a number. What is not kept is computed again, with the same answer.

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};

/// Values by key.
pub(super) struct Kept<K, V> {
    values: RwLock<BTreeMap<K, V>>,
    most: usize,
}

impl<K: Ord, V: Clone> Kept<K, V> {
    /// Keeps at most so many.
    pub(super) fn new(most: usize) -> Self {
        Self { values: RwLock::default(), most }
    }

    /// The value of a key, made where it is not kept.
    pub(super) fn entry(&self, key: K, make: impl FnOnce() -> V) -> V {
        let kept = self.values.read().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some(value) = kept {
            return value;
        }
        let value = make();
        let mut values = self.values.write().unwrap_or_else(PoisonError::into_inner);
        if values.len() < self.most {
            values.insert(key, value.clone());
        }
        value
    }
}
