//! Whose turn it is: so much is worked on at once, and of each tenant no more than its share, also of what waits.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use sev_launch_protocol::problem::{Code, Problem};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Turns for all, and each tenant's own. Those who wait are served in the order in which they came.
#[derive(Debug)]
pub(super) struct Turns {
    all: Arc<Semaphore>,
    of_tenant: usize,
    /// Of tenants that have a turn or wait for one.
    tenants: Mutex<HashMap<String, Arc<Semaphore>>>,
}

/// A turn, until it is dropped.
pub(super) type Turn = (OwnedSemaphorePermit, OwnedSemaphorePermit);

impl Turns {
    /// `all` turns at once, and `of_tenant` of them for one tenant.
    pub(super) fn new(all: usize, of_tenant: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(all)), of_tenant, tenants: Mutex::default() }
    }

    /// Waits for a turn of a tenant.
    ///
    /// # Errors
    ///
    /// `draining`, if there are no turns any more.
    pub(super) async fn take(&self, tenant: &str) -> Result<Turn, Problem> {
        let own = {
            let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
            // A turn, and whoever waits for one, has the tenant's semaphore too.
            tenants.retain(|_, own| Arc::strong_count(own) > 1);
            let new = || Arc::new(Semaphore::new(self.of_tenant));
            Arc::clone(tenants.entry(tenant.to_owned()).or_insert_with(new))
        };
        let draining = |_| Problem::of(Code::Draining);
        let own = own.acquire_owned().await.map_err(draining)?;
        Ok((own, Arc::clone(&self.all).acquire_owned().await.map_err(draining)?))
    }
}

#[cfg(test)]
mod tests {
    use core::time::Duration;

    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn a_tenant_leaves_room_for_others_and_is_forgotten() {
        let turns = Turns::new(2, 1);
        let waits = async |tenant: &str| {
            timeout(Duration::from_millis(20), turns.take(tenant)).await.is_err()
        };
        let first = turns.take("a").await.expect("a turn");
        assert!(waits("a").await);
        let second = turns.take("b").await.expect("a turn");
        assert!(waits("c").await, "there are two at once");
        drop(first);
        let third = turns.take("a").await.expect("a turn");
        drop((second, third));
        let _only = turns.take("d").await.expect("a turn");
        assert_eq!(turns.tenants.lock().expect("a lock").len(), 1);
    }
}
