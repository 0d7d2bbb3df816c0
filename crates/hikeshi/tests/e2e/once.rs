//! Killed between "sent" and "recorded", on a service that knows no key of ours: the message comes a second time at most,
//! says that it may be a repeat, and is never missing. A28

use crate::common::House;
use axum::{Router, extract::State, http::StatusCode};
use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

/// A chat that shows a message at once and, while it is slow, never says so.
#[derive(Clone, Default)]
struct Chat {
    shown: Arc<Mutex<Vec<String>>>,
    is_slow: Arc<AtomicBool>,
}

async fn show(State(chat): State<Chat>, body: String) -> StatusCode {
    chat.shown.lock().expect("no panic").push(body);
    if chat.is_slow.load(Ordering::SeqCst) {
        std::future::pending::<()>().await;
    }
    StatusCode::OK
}

impl Chat {
    fn start(&self, runtime: &tokio::runtime::Runtime) -> SocketAddr {
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0"));
        let listener = listener.expect("a port");
        let address = listener.local_addr().expect("bound");
        let router = Router::new().fallback(show).with_state(self.clone());
        runtime.spawn(async move { axum::serve(listener, router).await });
        address
    }

    fn shown(&self, text: &str) -> Vec<String> {
        let all = self.shown.lock().expect("no panic").clone();
        all.into_iter().filter(|body| body.contains(text)).collect()
    }
}

#[test]
fn a_kill_between_sent_and_recorded_repeats_a_message_once_and_says_so() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let chat = Chat::default();
    let address = chat.start(&runtime);
    let mut house = House::new(&format!(
        "services: {{web: {{title: Web}}}}
channels: {{chat: {{kind: slack, url: \"http://{address}/hook\", timeout: 5m}}}}
routes: {{P1: {{channels: [chat]}}}}
"
    ));
    house.serve();
    chat.is_slow.store(true, Ordering::SeqCst);
    house.run_for(0, &["incident", "open", "--priority", "P1", "--title", "no stock"]);
    house.wait("the message is out", |_| chat.shown("no stock").pop());
    assert!(house.facts_of("notice_attempted").is_empty(), "nothing of it is written down");
    house.kill();
    chat.is_slow.store(false, Ordering::SeqCst);
    house.serve();
    house.wait("it is written down", |house| house.facts_of("notice_attempted").pop());
    let shown = chat.shown("no stock");
    assert_eq!(shown.len(), 2, "{shown:?}");
    assert!(!shown[0].contains("possibly a repeat") && shown[1].contains("possibly a repeat"));

    // What is written down is sent no more, however often it is killed.
    for _ in 0..2 {
        house.kill();
        house.serve();
    }
    let ledger = house.json(&["notices", "--incident", "INC-1"]);
    assert_eq!(ledger[0]["state"], "delivered", "{ledger}");
    assert_eq!(chat.shown("no stock").len(), 2);
}
