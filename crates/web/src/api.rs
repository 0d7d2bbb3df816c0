//! The table of the API: every route with the scope that it takes, and what stands before it at each door. A route without
//! a scope cannot be written down.

use crate::{
    bearer::{self, Gate},
    state::Shared,
};
use axum::{Router, middleware, routing::MethodRouter};
use domain::carried_accounts::Scope;

/// Through which door requests come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// The local socket: it belongs to whoever runs hikeshi, and they may everything in every name.
    Socket,
    /// The address: who acts shows a token, and acts in the name of its owner.
    Address,
}

/// Routes with their scopes, for handlers that share an `S`.
pub struct Api<S> {
    shared: Shared,
    door: Door,
    router: Router<S>,
}

impl<S: Clone + Send + Sync + 'static> Api<S> {
    /// No route yet.
    pub fn new(shared: &Shared, door: Door) -> Self {
        Self { shared: shared.clone(), door, router: Router::new() }
    }

    /// What only shows, and may be seen by all who are on this machine.
    #[must_use]
    pub fn open(self, path: &str, handler: MethodRouter<S>) -> Self {
        self.put(Scope::Read, true, path, handler)
    }

    /// What takes a scope.
    #[must_use]
    pub fn with(self, scope: Scope, path: &str, handler: MethodRouter<S>) -> Self {
        self.put(scope, false, path, handler)
    }

    /// What is for the local socket alone.
    #[must_use]
    pub fn on_socket(mut self, path: &str, handler: MethodRouter<S>) -> Self {
        if self.door == Door::Socket {
            self.router = self.router.route(path, handler);
        }
        self
    }

    /// The routes.
    pub fn into_router(self) -> Router<S> {
        self.router
    }

    fn put(mut self, scope: Scope, is_open: bool, path: &str, handler: MethodRouter<S>) -> Self {
        let handler = match self.door {
            Door::Socket => handler,
            Door::Address => {
                let gate = Gate { shared: self.shared.clone(), scope, is_open };
                handler.route_layer(middleware::from_fn_with_state(gate, bearer::pass))
            }
        };
        self.router = self.router.route(path, handler);
        self
    }
}

impl<S> std::fmt::Debug for Api<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Api").field("door", &self.door).finish_non_exhaustive()
    }
}
