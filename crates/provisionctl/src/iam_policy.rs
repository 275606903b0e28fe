//! A configuration and its deployment -> the least IAM policy of the function's role, or of the role of its schedules.

use connect_provisioner::policy::{ConnectPolicy, Instance, Policy};
use serde::Serialize;
use serde_json::{Value, json};

use crate::config_file::ConfigFile;
use crate::connection::Connection;
use crate::ending::{CannotRun, Ending};
use crate::terminal::print_line;

/// `provisionctl iam-policy`.
#[derive(clap::Args)]
pub(super) struct IamPolicy {
    #[command(flatten)]
    config: ConfigFile,
    /// The role to print the policy of.
    #[arg(long, value_enum, default_value_t = Role::Function)]
    role: Role,
    #[command(flatten)]
    resources: DeployedResources,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Role {
    /// The execution role of the function.
    Function,
    /// The role with which EventBridge Scheduler sends the joins scheduled by [schedule].
    Schedules,
}

/// Options for the account of the deployment, and for its resources.
#[derive(clap::Args)]
struct DeployedResources {
    /// The id of the account.
    #[arg(long, value_name = "ID")]
    account_id: String,
    /// The AWS partition.
    #[arg(long, value_name = "NAME", default_value = "aws")]
    partition: String,
    /// The dead-letter queue's ARN; for the role of schedules, a standard queue for messages that cannot be sent.
    #[arg(long, value_name = "ARN")]
    dead_letter_queue_arn: String,
    /// The source queue's ARN; leave it out if EventBridge invokes the function directly.
    #[arg(long, value_name = "ARN")]
    source_queue_arn: Option<String>,
    /// The ARN of the queues' customer managed key.
    #[arg(long, value_name = "ARN")]
    queue_key_arn: Option<String>,
    /// The ARN of the password secret's customer managed key.
    #[arg(long, value_name = "ARN")]
    secret_key_arn: Option<String>,
    /// The ARN of the function's log group.
    #[arg(long, value_name = "ARN")]
    log_group_arn: Option<String>,
    /// The schedule group's name, if the configuration has a [schedule].
    #[arg(long, value_name = "NAME", requires = "schedule_role_arn")]
    schedule_group: Option<String>,
    /// The ARN of the role of the schedules.
    #[arg(long, value_name = "ARN", requires = "schedule_group")]
    schedule_role_arn: Option<String>,
    /// Allow AWS X-Ray traces.
    #[arg(long)]
    tracing: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    sid: &'static str,
    effect: &'static str,
    action: Vec<&'static str>,
    resource: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<Value>,
}

pub(super) async fn run(command: &IamPolicy, connection: &Connection) -> Result<Ending, CannotRun> {
    let policy = command.config.load()?;
    let config = connection.config().await;
    let Some(region) = config.region() else {
        return Err(CannotRun("give the function's Region: --region".to_owned()));
    };
    let statements = match command.role {
        Role::Function => command.resources.statements(&policy, region.as_ref())?,
        Role::Schedules => command
            .resources
            .schedule_role_statements(region.as_ref())?,
    };
    let document = json!({ "Version": "2012-10-17", "Statement": statements });
    if let Some(fault) = too_long(&document, &policy) {
        return Err(CannotRun(fault));
    }
    print_line(serde_json::to_string_pretty(&document).map_err(CannotRun::because)?)?;
    Ok(Ending::AllDone)
}

/// Most characters of the inline policies of a role together, without white space (IAM User Guide, "IAM and AWS STS quotas").
const MOST_INLINE: usize = 10_240;

fn too_long(document: &Value, policy: &Policy) -> Option<String> {
    let size = counted(&document.to_string());
    (size > MOST_INLINE).then(|| {
        format!(
            "the policy of the role has {size} characters for {} instances, and IAM takes {MOST_INLINE} for a role: divide the \
             instances among several deployments (-c stackName=NAME)",
            policy.instances.iter().count()
        )
    })
}

/// Counts the characters of a policy; a token of the CDK counts as the id of an account.
fn counted(document: &str) -> usize {
    let mut tokens = document.split("${Token[");
    let first = tokens.next().map_or(0, |text| text.chars().count());
    let others = tokens.map(|rest| {
        let after = rest.split_once("]}").map_or(rest, |(_, after)| after);
        "111122223333".len() + after.chars().count()
    });
    first + others.sum::<usize>()
}

/// Tells that the policy of the role would be too long, by ARNs of usual length.
pub(super) fn doubt(policy: &Policy) -> Option<String> {
    let arn = |of: &str| format!("arn:aws:{of}");
    let queue = |name: &str| arn(&format!("sqs:ap-southeast-2:111122223333:{name}"));
    let key = arn("kms:ap-southeast-2:111122223333:key/a1b2c3d4-5678-90ab-cdef-EXAMPLE11111");
    let resources = DeployedResources {
        account_id: "111122223333".to_owned(),
        partition: "aws".to_owned(),
        dead_letter_queue_arn: queue("hr-joins-dead-letters"),
        source_queue_arn: Some(queue("hr-joins")),
        queue_key_arn: Some(key),
        secret_key_arn: None,
        log_group_arn: Some(arn(
            "logs:ap-southeast-2:111122223333:log-group:provisioner:*",
        )),
        schedule_group: Some("joins".to_owned()),
        schedule_role_arn: Some(arn("iam::111122223333:role/joins")),
        tracing: false,
    };
    let statements = resources.statements(policy, "ap-southeast-2").ok()?;
    too_long(
        &json!({ "Version": "2012-10-17", "Statement": statements }),
        policy,
    )
}

impl DeployedResources {
    // Actions and resources: Service Authorization Reference, under each service.
    fn statements(&self, policy: &Policy, region: &str) -> Result<Vec<Statement>, CannotRun> {
        let mut statements = Vec::new();
        for (_, instance) in policy.instances.iter() {
            let ConnectPolicy {
                instance_id,
                region: own,
                ..
            } = &instance.connect;
            let of_instance =
                self.connect_statements(instance_id, own.as_deref().unwrap_or(region));
            merge(&mut statements, of_instance);
            merge(&mut statements, self.password_statements(instance, region)?);
        }
        statements.extend(self.queue_statements(region));
        statements.extend(policy.claims.as_ref().map(|claims| {
            let actions = ["dynamodb:UpdateItem", "dynamodb:DeleteItem"];
            let Self {
                partition,
                account_id,
                ..
            } = self;
            let table = &claims.table;
            let arn = format!("arn:{partition}:dynamodb:{region}:{account_id}:table/{table}");
            allow("ClaimUsernames", actions, [arn])
        }));
        if policy.schedule.is_some() {
            statements.extend(self.schedule_statements(region)?);
        }
        statements.extend(self.log_group_arn.iter().map(|arn| {
            let actions = ["logs:CreateLogStream", "logs:PutLogEvents"];
            // AWS gives a log group's ARN with and without this ending.
            let group = arn.trim_end_matches(":*");
            allow("WriteLogs", actions, [format!("{group}:*")])
        }));
        // Neither action can be narrowed to a resource.
        let traces = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"];
        let tracing = self.tracing.then(|| allow("WriteTraces", traces, ["*"]));
        statements.extend(tracing);
        Ok(statements)
    }

    fn connect_statements(&self, instance_id: &str, region: &str) -> Vec<Statement> {
        let Self {
            partition,
            account_id,
            ..
        } = self;
        let instance =
            format!("arn:{partition}:connect:{region}:{account_id}:instance/{instance_id}");
        let every = |kind: &str| format!("{instance}/{kind}/*");
        let (users, groups) = (every("agent"), every("agent-group"));
        let (routing, security) = (every("routing-profile"), every("security-profile"));
        // Each action on the resource types that the reference names for it, and on no other.
        let of_instance = [
            "connect:ListRoutingProfiles",
            "connect:ListSecurityProfiles",
            "connect:ListUserHierarchyGroups",
            "connect:ListUsers",
            "connect:SearchUserHierarchyGroups",
            "connect:SearchUsers",
        ];
        let created = [&users, &routing, &security, &groups].map(Clone::clone);
        vec![
            allow("CreateUsers", ["connect:CreateUser"], created),
            // CreateUser gives the user its tags; a user made by hand gets them when it is adopted.
            allow(
                "DescribeAndTagUsers",
                ["connect:DescribeUser", "connect:TagResource"],
                [users],
            ),
            allow("LookUp", of_instance, [instance]),
            allow(
                "DescribeHierarchyGroups",
                ["connect:DescribeUserHierarchyGroup"],
                [groups],
            ),
        ]
    }

    fn password_statements(
        &self,
        instance: &Instance,
        region: &str,
    ) -> Result<Vec<Statement>, CannotRun> {
        let Some(password) = &instance.password else {
            return Ok(Vec::new());
        };
        let arn = password.resource(&self.partition, region, &self.account_id);
        let arn = arn.map_err(CannotRun)?;
        let mut statements = vec![allow(
            "ReadPasswords",
            ["secretsmanager:GetSecretValue"],
            [arn],
        )];
        statements.extend(self.secret_key_arn.iter().map(|key| {
            let service = format!("secretsmanager.{region}.amazonaws.com");
            allow("DecryptPasswords", ["kms:Decrypt"], [key.clone()]).via(&service)
        }));
        Ok(statements)
    }

    fn queue_statements(&self, region: &str) -> Vec<Statement> {
        let dead_letters = self.dead_letter_queue_arn.clone();
        let mut statements = vec![allow(
            "SendDeadLetters",
            ["sqs:SendMessage"],
            [dead_letters],
        )];
        // All but the last are made by Lambda's poller, which uses the function's role.
        let serve = [
            "sqs:ReceiveMessage",
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:ChangeMessageVisibility",
        ];
        let source = self.source_queue_arn.clone();
        statements.extend(source.iter().map(|arn| allow("ServeQueue", serve, [arn])));
        // A message of more people than one invocation serves goes back on its own queue in parts.
        let part = |arn| allow("SendParts", ["sqs:SendMessage"], [arn]);
        statements.extend(source.map(part));
        statements.extend(self.queue_key_statement(region));
        statements
    }

    // The function passes the role with each schedule, and needs a permission for that (IAM User Guide, "Grant a user permissions
    // to pass a role to an AWS service").
    fn schedule_statements(&self, region: &str) -> Result<[Statement; 2], CannotRun> {
        let (Some(group), Some(role)) = (&self.schedule_group, &self.schedule_role_arn) else {
            let text =
                "the configuration has a [schedule]: give --schedule-group and --schedule-role-arn";
            return Err(CannotRun(text.to_owned()));
        };
        let Self {
            partition,
            account_id,
            ..
        } = self;
        let schedules =
            format!("arn:{partition}:scheduler:{region}:{account_id}:schedule/{group}/*");
        let set = [
            "scheduler:CreateSchedule",
            "scheduler:GetSchedule",
            "scheduler:UpdateSchedule",
            "scheduler:DeleteSchedule",
        ];
        let mut pass = allow("PassScheduleRole", ["iam:PassRole"], [role.clone()]);
        let passed_to = json!({ "iam:PassedToService": "scheduler.amazonaws.com" });
        pass.condition = Some(json!({ "StringEquals": passed_to }));
        Ok([allow("SetSchedules", set, [schedules]), pass])
    }

    // EventBridge Scheduler User Guide, "Configuring a dead-letter queue": its dead letters are sent with the role of the schedule.
    fn schedule_role_statements(&self, region: &str) -> Result<Vec<Statement>, CannotRun> {
        let Some(source) = &self.source_queue_arn else {
            let text = "schedules send to the source queue: give --source-queue-arn";
            return Err(CannotRun(text.to_owned()));
        };
        let queues = [source.clone(), self.dead_letter_queue_arn.clone()];
        let mut statements = vec![allow("SendJoins", ["sqs:SendMessage"], queues)];
        statements.extend(self.queue_key_statement(region));
        Ok(statements)
    }

    fn queue_key_statement(&self, region: &str) -> Option<Statement> {
        let key = self.queue_key_arn.clone()?;
        let actions = ["kms:Decrypt", "kms:GenerateDataKey"];
        let statement = allow("UseQueueKey", actions, [key]);
        Some(statement.via(&format!("sqs.{region}.amazonaws.com")))
    }
}

// Merges statements with equal ids into one with all their resources.
fn merge(statements: &mut Vec<Statement>, further: Vec<Statement>) {
    for statement in further {
        let same_id = |one: &&mut Statement| one.sid == statement.sid;
        match statements.iter_mut().find(same_id) {
            Some(one) => {
                one.resource.extend(statement.resource);
                one.resource.sort();
                one.resource.dedup();
            }
            None => statements.push(statement),
        }
    }
}

impl Statement {
    /// Restricts the statement to calls that a service makes for the function.
    fn via(mut self, service: &str) -> Self {
        self.condition = Some(json!({ "StringLike": { "kms:ViaService": format!("{service}*") } }));
        self
    }
}

fn allow(
    sid: &'static str,
    actions: impl Into<Vec<&'static str>>,
    resources: impl IntoIterator<Item = impl Into<String>>,
) -> Statement {
    Statement {
        sid,
        effect: "Allow",
        action: actions.into(),
        resource: resources.into_iter().map(Into::into).collect(),
        condition: None,
    }
}
