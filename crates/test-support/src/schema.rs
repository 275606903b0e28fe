//! The JSON Schema of the configuration, by a public validator.

use std::sync::LazyLock;

use connect_provisioner::policy::config;
use jsonschema::Validator;
use serde_json::Value;

static OF_CONFIGURATIONS: LazyLock<Validator> = LazyLock::new(|| {
    let schema = config::schema();
    jsonschema::meta::validate(&schema).expect("a schema by its own draft");
    jsonschema::validator_for(&schema).expect("a schema")
});

/// Returns the faults that the schema finds in a configuration.
pub fn refusals(configuration: &str) -> Vec<String> {
    let value: Value = toml::from_str(configuration).expect("TOML");
    let refusals = OF_CONFIGURATIONS.iter_errors(&value);
    refusals.map(|refusal| refusal.to_string()).collect()
}

/// Fails unless the schema accepts a configuration that a function starts with.
#[track_caller]
pub fn accepts(configuration: &str) {
    assert_eq!(refusals(configuration), [""; 0], "{configuration}");
}
