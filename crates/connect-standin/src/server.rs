//! Connections on a loopback port become calls on the stand-in.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::channel::Channel;
use http_body_util::{BodyExt, Either, Full, Limited};
use hyper::body::{Body, Incoming};
use hyper::http::uri::Scheme;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use super::Standin;
use super::dispatch::Ending;
use super::tls::Tls;
use super::wire::{Service, decode, encode};

/// Far above the largest body that a service takes (1 MiB for SQS, more once escaped as JSON).
const LARGEST_BODY: usize = 16 << 20;

/// A stand-in that is being served; dropping it ends the server and its connections.
pub struct Running {
    account: String,
    scheme: Scheme,
    address: SocketAddr,
    task: JoinHandle<io::Result<()>>,
}

impl Running {
    /// The address that it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL to give to an AWS client as its endpoint.
    #[must_use]
    pub fn endpoint_url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// The URL of a queue of this name.
    #[must_use]
    pub fn queue_url(&self, queue: &str) -> String {
        format!("{}/{}/{queue}", self.endpoint_url(), self.account)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Standin {
    /// Listens on a port of 127.0.0.1 (0: any free one) and serves in the background.
    ///
    /// # Errors
    /// The port can't be bound.
    pub async fn start(&self, port: u16) -> io::Result<Running> {
        self.listen(port, None).await
    }

    /// Serves over TLS.
    ///
    /// # Errors
    /// The port can't be bound.
    pub async fn start_tls(&self, port: u16, tls: Tls) -> io::Result<Running> {
        self.listen(port, Some(tls)).await
    }

    async fn listen(&self, port: u16, tls: Option<Tls>) -> io::Result<Running> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        let scheme = tls.as_ref().map_or(Scheme::HTTP, |_| Scheme::HTTPS);
        let standin = self.clone();
        let task = tokio::spawn(async move { standin.serve(listener, tls).await });
        let account = self.seed().account.clone();
        Ok(Running {
            account,
            scheme,
            address,
            task,
        })
    }

    // Until the future is dropped, which ends its connections too.
    async fn serve(&self, listener: TcpListener, tls: Option<Tls>) -> io::Result<()> {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = listener.accept() => {
                    connections.spawn(self.clone().greet(accepted?.0, tls.clone()));
                }
                Some(_ended) = connections.join_next() => {}
            }
        }
    }

    async fn greet(self, stream: TcpStream, tls: Option<Tls>) {
        // Otherwise an answer of two packets waits for the client's delayed acknowledgement.
        let _as_it_was = stream.set_nodelay(true);
        match tls {
            None => self.converse(Scheme::HTTP, stream).await,
            Some(tls) => {
                if let Ok(stream) = tls.accept(stream).await {
                    self.converse(Scheme::HTTPS, stream).await;
                }
            }
        }
    }

    /// Answers the requests of one connection. How it ends is the client's affair.
    async fn converse(self, scheme: Scheme, stream: impl AsyncRead + AsyncWrite + Unpin) {
        let service = service_fn(|mut request: Request<Incoming>| {
            request.extensions_mut().insert(scheme.clone());
            self.exchange(request)
        });
        let _closed = http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service)
            .await;
    }

    /// One request and its response; an error closes the connection without a response.
    async fn exchange(&self, request: Request<Incoming>) -> io::Result<Response<AnswerBody>> {
        let (parts, body) = request.into_parts();
        let body = read(body).await?;
        self.respond(Request::from_parts(parts, body)).await
    }

    pub(super) async fn respond(
        &self,
        request: Request<Bytes>,
    ) -> io::Result<Response<AnswerBody>> {
        let (parts, body) = request.into_parts();
        let request = match decode(&parts, body) {
            Ok(request) => request,
            Err(refusal) => return Ok(at_once(encode(Service::Connect, &Err(refusal)))),
        };
        match self.answer(&request).await {
            Ending::Answered(answer) => Ok(at_once(encode(request.service, &answer))),
            Ending::Dripped(answer) => Ok(dripped(encode(request.service, &answer))),
            Ending::Dropped => Err(io::Error::other("the fault script drops the connection")),
            Ending::Hung => std::future::pending().await,
        }
    }
}

/// A body that comes at once, or bit by bit.
pub(super) type AnswerBody = Either<Full<Bytes>, Channel<Bytes>>;

fn at_once(response: Response<Full<Bytes>>) -> Response<AnswerBody> {
    response.map(Either::Left)
}

fn dripped(response: Response<Full<Bytes>>) -> Response<AnswerBody> {
    let (parts, body) = response.into_parts();
    let (mut sender, channel) = Channel::new(1);
    tokio::spawn(async move {
        let Ok(whole) = body.collect().await;
        for byte in whole.to_bytes().chunks(1) {
            let sent = sender.send_data(Bytes::copy_from_slice(byte)).await;
            if sent.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    });
    Response::from_parts(parts, Either::Right(channel))
}

async fn read<B>(body: B) -> io::Result<Bytes>
where
    B: Body,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let read = Limited::new(body, LARGEST_BODY).collect().await;
    Ok(read.map_err(io::Error::other)?.to_bytes())
}
