//! A Lambda Runtime API on loopback that gives the real function binary one invocation after the other.
//!
//! Source: AWS Lambda Developer Guide, "Using the Lambda runtime API for custom runtimes".

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinHandle;

// Cargo gives a test the binaries of its own package alone, and one that is found by its path may be stale.
static BINARY: LazyLock<PathBuf> = LazyLock::new(|| {
    let mut build = escargot::CargoBuild::new()
        .manifest_path(crate::root().join("Cargo.toml"))
        .bin("provisioner");
    if !cfg!(debug_assertions) {
        build = build.release();
    }
    if cfg!(feature = "sabotage") {
        build = build.features("test-support/sabotage");
    }
    let built = build.run().expect("the function is built");
    built.path().to_owned()
});

/// The function's binary, running behind a Runtime API of its own.
pub struct Function {
    invocations: mpsc::Sender<String>,
    answers: mpsc::Receiver<Answer>,
    child: Child,
    printed: Arc<std::sync::Mutex<Vec<u8>>>,
    readers: [JoinHandle<()>; 2],
}

/// Answer of the function to the Runtime API.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    Success(String),
    /// An invocation that failed whole.
    Error(String),
}

struct Api {
    invocations: Mutex<mpsc::Receiver<String>>,
    answers: mpsc::Sender<Answer>,
    time_out: Duration,
}

const PATIENCE: Duration = Duration::from_mins(1);

impl Function {
    /// Starts the binary with the environment that Lambda gives it and the given variables.
    pub async fn start(variables: &[(&str, &str)]) -> Self {
        Self::start_with_time_out(PATIENCE, variables).await
    }

    /// Starts the binary with a time-out of its own.
    pub async fn start_with_time_out(time_out: Duration, variables: &[(&str, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        let (invocations, waiting) = mpsc::channel(16);
        let (answered, answers) = mpsc::channel(16);
        let api = Arc::new(Api {
            invocations: Mutex::new(waiting),
            answers: answered,
            time_out,
        });
        tokio::spawn(serve(listener, api));
        let mut child = Command::new(&*BINARY)
            .current_dir(crate::root())
            .envs([
                ("AWS_LAMBDA_RUNTIME_API", address.as_str()),
                ("AWS_LAMBDA_FUNCTION_NAME", "provisioner"),
                ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
                ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
                ("AWS_REGION", "eu-west-2"),
                ("AWS_ACCESS_KEY_ID", "standin"),
                ("AWS_SECRET_ACCESS_KEY", "standin"),
            ])
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the function starts");
        let printed = Arc::default();
        let stdout = read(child.stdout.take().expect("piped"), &printed);
        let stderr = read(child.stderr.take().expect("piped"), &printed);
        Self {
            invocations,
            answers,
            child,
            printed,
            readers: [stdout, stderr],
        }
    }

    /// Hands over an event and waits for the answer.
    pub async fn invoke(&mut self, event: &str) -> Answer {
        self.begin(event).await;
        self.answer().await
    }

    /// Hands over an event without waiting.
    pub async fn begin(&mut self, event: &str) {
        self.invocations
            .send(event.to_owned())
            .await
            .expect("the Runtime API runs");
    }

    /// The most memory that the function has held at once, in kB (proc(5), `VmHWM`).
    #[cfg(target_os = "linux")]
    pub fn peak_memory(&self) -> u64 {
        let id = self.child.id().expect("running");
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).expect("Linux");
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))
            .expect("a peak");
        line.trim()
            .trim_end_matches(" kB")
            .parse()
            .expect("a number")
    }

    /// Ends the function at once, as a crash would.
    pub async fn kill(&mut self) {
        self.child.kill().await.expect("killed");
    }

    /// Waits for a function that ends by itself, and gives its exit code.
    pub async fn exit_code(&mut self) -> Option<i32> {
        let ended = tokio::time::timeout(PATIENCE, self.child.wait()).await;
        ended
            .expect("the function ends in time")
            .expect("waited for")
            .code()
    }

    async fn answer(&mut self) -> Answer {
        let answer = tokio::time::timeout(PATIENCE, self.answers.recv()).await;
        answer
            .expect("the function answers in time")
            .expect("the Runtime API runs")
    }

    /// Ends the function and gives everything that it printed.
    pub async fn logs(mut self) -> Vec<u8> {
        let _ = self.child.start_kill();
        for reader in self.readers {
            reader.await.expect("read to its end");
        }
        self.printed.lock().expect("no reader panics").clone()
    }

    /// Returns the output so far.
    pub fn logged(&self) -> String {
        let printed = self.printed.lock().expect("no reader panics");
        String::from_utf8_lossy(&printed).into_owned()
    }
}

// Read all the time, since a function whose pipe is full waits for its reader.
fn read(
    pipe: impl AsyncRead + Send + Unpin + 'static,
    printed: &Arc<std::sync::Mutex<Vec<u8>>>,
) -> JoinHandle<()> {
    let mut pipe = pipe;
    let printed = Arc::clone(printed);
    tokio::spawn(async move {
        let mut chunk = vec![0; 1 << 16];
        loop {
            let read = pipe.read(&mut chunk).await.expect("readable");
            if read == 0 {
                return;
            }
            let mut printed = printed.lock().expect("no reader panics");
            printed.extend_from_slice(&chunk[..read]);
        }
    })
}

async fn serve(listener: TcpListener, api: Arc<Api>) {
    while let Ok((stream, _)) = listener.accept().await {
        let api = Arc::clone(&api);
        tokio::spawn(async move {
            let service = service_fn(|request| respond(Arc::clone(&api), request));
            let _ = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn respond(
    api: Arc<Api>,
    request: Request<Incoming>,
) -> hyper::Result<Response<Full<Bytes>>> {
    let (parts, body) = request.into_parts();
    let body = String::from_utf8_lossy(&body.collect().await?.to_bytes()).into_owned();
    let path = parts.uri.path();
    let answer = match () {
        () if parts.method == Method::GET => return Ok(next(&api).await),
        () if path.ends_with("/response") => Answer::Success(body),
        () => Answer::Error(body),
    };
    // A test may have gone on without it.
    let _ = api.answers.send(answer).await;
    Ok(Response::builder()
        .status(202)
        .body(Full::default())
        .expect("a response"))
}

async fn next(api: &Api) -> Response<Full<Bytes>> {
    // A function with nothing left to do waits here until the test ends it.
    let Some(event) = api.invocations.lock().await.recv().await else {
        return std::future::pending().await;
    };
    let deadline = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("after 1970")
        + api.time_out;
    Response::builder()
        .header(
            "lambda-runtime-aws-request-id",
            "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
        )
        .header(
            "lambda-runtime-deadline-ms",
            deadline.as_millis().to_string(),
        )
        .header(
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:eu-west-2:111122223333:function:provisioner",
        )
        .body(Full::from(event))
        .expect("a response")
}
