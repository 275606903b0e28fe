//! Users that somebody else made.

use std::collections::HashMap;

use aws_sdk_connect::Client;
use connect_provisioner::aws::Clients;
use connect_provisioner::request::PERSON_TAG;

use crate::scene::Scene;
use crate::shipped::INSTANCE;

/// A user of the name that the join gives, made by somebody else.
pub async fn make_by_hand(scene: &Scene, first_name: &str) {
    make_by_hand_named(scene, first_name, "tricia1.mcmillan").await;
}

/// A user of a username, made by somebody else.
pub async fn make_by_hand_named(scene: &Scene, first_name: &str, username: &str) {
    let connect = Clients::at(&scene.running.endpoint_url(), "eu-west-2").connect;
    make(&connect, first_name, username, None).await;
}

/// A user of a username, which carries a person's tag where one is given.
pub async fn make(connect: &Client, first_name: &str, username: &str, tag: Option<&str>) {
    let calls = connect
        .list_routing_profiles()
        .instance_id(INSTANCE)
        .send()
        .await;
    let routing = calls
        .expect("listed")
        .routing_profile_summary_list
        .unwrap_or_default();
    let security = connect
        .list_security_profiles()
        .instance_id(INSTANCE)
        .send()
        .await;
    let security = security
        .expect("listed")
        .security_profile_summary_list
        .unwrap_or_default();
    let identity = aws_sdk_connect::types::UserIdentityInfo::builder()
        .first_name(first_name)
        .last_name("McMillan")
        .build();
    let phone = aws_sdk_connect::types::UserPhoneConfig::builder()
        .phone_type(aws_sdk_connect::types::PhoneType::SoftPhone)
        .build();
    connect
        .create_user()
        .instance_id(INSTANCE)
        .username(username)
        .password("Made8yHand")
        .identity_info(identity)
        .phone_config(phone)
        .set_routing_profile_id(routing[0].id.clone())
        .set_security_profile_ids(security[0].id.clone().map(|id| vec![id]))
        .set_tags(tag.map(|tag| HashMap::from([(PERSON_TAG.to_owned(), tag.to_owned())])))
        .send()
        .await
        .expect("made by hand");
}
