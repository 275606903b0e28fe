use std::path::Path;

use connect_standin::{Running, Seed, Standin};

use super::*;
use crate::aws::Clients;
use crate::aws::age::thaw;
use crate::policy::config;

const ID: &str = "connect/initial-password";

fn text(password: &str) -> String {
    serde_json::json!({ "password": password }).to_string()
}

async fn running() -> (Running, aws_sdk_secretsmanager::Client) {
    let mut seed = Seed::default();
    seed.secrets[0].generate = None;
    seed.secrets[0].string = Some(text("Welcome2First"));
    let running = Standin::new(seed).start(0).await.expect("it starts");
    let clients = Clients::at(&running.endpoint_url(), "eu-west-2");
    (running, clients.secrets)
}

#[tokio::test]
async fn a_rotated_password_is_read_after_the_function_was_frozen() {
    let (_running, service) = running().await;
    let passwords = Passwords::new(service.clone());
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/provisioner.toml");
    let shipped = config::load(Path::new(shipped)).expect("a configuration");
    let main = shipped.instances.main();
    let policy = main.password.as_ref().expect("it has passwords");
    let secret = SecretRef::new(ID.to_owned(), Arc::clone(policy));
    let read = async || {
        let password = passwords.shared(&secret).await;
        let password = password.expect("readable");
        password.expose_secret().to_owned()
    };
    assert_eq!(read().await, "Welcome2First");
    let rotated = service.put_secret_value().secret_id(ID);
    rotated
        .secret_string(text("Welcome2Second"))
        .send()
        .await
        .expect("stored");
    assert_eq!(read().await, "Welcome2First");
    // The monotonic clock goes on for milliseconds only.
    thaw::after(policy.cache);
    assert_eq!(read().await, "Welcome2Second");
}
