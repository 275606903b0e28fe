//! A person who joins, in HR's words: what every source is read into and every template is written against.

use serde::Serialize;

/// A worker who joins; absent fields are left out, so that a template can ask whether they are there.
///
/// It holds personal data, so it has no `Debug`.
#[derive(Clone, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct Joiner {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub employee_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mobile: Option<String>,
    #[serde(skip_serializing_if = "Department::is_absent")]
    pub department: Department,
    #[serde(skip_serializing_if = "Job::is_absent")]
    pub job: Job,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manager_employee_id: Option<String>,
    /// The first working day, `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub employment_type: Option<String>,
}

/// The department that a worker joins.
#[derive(Clone, Default, Serialize)]
pub struct Department {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// The job that a worker takes up.
#[derive(Clone, Default, Serialize)]
pub struct Job {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
}

impl Department {
    fn is_absent(&self) -> bool {
        self.code.is_none() && self.name.is_none()
    }
}

impl Job {
    fn is_absent(&self) -> bool {
        self.code.is_none() && self.title.is_none()
    }
}
