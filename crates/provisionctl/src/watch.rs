//! Queues and a log group -> a live view of depths and outcomes, or a line a tick where nobody looks at a screen.

mod depths;
mod outcomes;
mod screen;
mod view;

use std::io::IsTerminal;
use std::time::Duration;

use clap::Args;
use connect_provisioner::policy::QueueNames;
use depths::{Depth, Queues, WhichQueues};
use outcomes::{Log, Outcome};
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};
use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::sync::mpsc;
use tokio::time::MissedTickBehavior;
use view::{View, clock};

use crate::config_file::ConfigFile;
use crate::connection::Connection;
use crate::ending::{CannotRun, Ending};
use crate::terminal::print_line;

/// `provisionctl watch`.
#[derive(Args)]
pub(super) struct Watch {
    #[command(flatten)]
    queues: WhichQueues,
    /// The function's log group, such as /aws/lambda/hr-join: shows the last outcomes too.
    #[arg(long, value_name = "NAME")]
    log_group: Option<String>,
    /// The time between two looks.
    #[arg(long, value_name = "SPAN", default_value = "2s", value_parser = humantime::parse_duration)]
    interval: Duration,
    /// Look once and end.
    #[arg(long)]
    once: bool,
    /// Print one JSON object a look, a line each.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    config: ConfigFile,
}

/// Findings of one look.
#[derive(Serialize)]
struct Look {
    time: String,
    queues: Vec<Depth>,
    outcomes: Vec<Outcome>,
}

pub(super) async fn run(command: Watch, connection: &Connection) -> Result<Ending, CannotRun> {
    let config = connection.config().await;
    let named = match command.config.load() {
        Ok(policy) => policy.queues,
        Err(_) => QueueNames::default(),
    };
    let sqs = aws_sdk_sqs::Client::new(&config);
    let queues = Queues::new(&command.queues, &named, sqs).await?;
    let mut log = command
        .log_group
        .as_ref()
        .map(|group| Log::new(group, &config));
    if std::io::stdout().is_terminal() && !command.once && !command.json {
        return on_screen(&command, &queues, log.as_mut()).await;
    }
    let mut ticks = ticks(command.interval);
    loop {
        ticks.tick().await;
        let look = look(&queues, log.as_mut()).await?;
        print(&look, command.json)?;
        if command.once {
            return Ok(Ending::AllDone);
        }
    }
}

fn ticks(interval: Duration) -> tokio::time::Interval {
    let mut ticks = tokio::time::interval(interval.max(Duration::from_millis(100)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

async fn look(queues: &Queues, log: Option<&mut Log>) -> Result<Look, CannotRun> {
    Ok(Look {
        time: OffsetDateTime::now_utc()
            .format(&Rfc3339)
            .map_err(CannotRun::because)?,
        queues: queues.depths().await?,
        outcomes: match log {
            Some(log) => log.newer().await?,
            None => Vec::new(),
        },
    })
}

fn print(look: &Look, json: bool) -> Result<(), CannotRun> {
    if json {
        return print_line(serde_json::to_string(look).map_err(CannotRun::because)?);
    }
    for outcome in &look.outcomes {
        print_line(outcome)?;
    }
    let depths: Vec<String> = look.queues.iter().map(ToString::to_string).collect();
    print_line(format_args!(
        "{}  {}",
        clock(OffsetDateTime::now_utc()),
        depths.join("; ")
    ))
}

// The terminal is given back on every way out: ratatui's hook does so on a panic.
async fn on_screen(
    command: &Watch,
    queues: &Queues,
    log: Option<&mut Log>,
) -> Result<Ending, CannotRun> {
    let mut terminal = ratatui::init();
    let ended = drawn(command, queues, log, &mut terminal).await;
    ratatui::restore();
    ended.map(|()| Ending::AllDone)
}

async fn drawn(
    command: &Watch,
    queues: &Queues,
    mut log: Option<&mut Log>,
    terminal: &mut ratatui::DefaultTerminal,
) -> Result<(), CannotRun> {
    let mut view = View::new(command.interval, command.log_group.is_some());
    let mut ticks = ticks(command.interval);
    let mut events = terminal_events();
    loop {
        tokio::select! {
            event = events.recv() => match event {
                Some(event) if !is_quit(&event) => (),
                _ => return Ok(()),
            },
            _ = ticks.tick() => match look(queues, log.as_deref_mut()).await {
                Ok(look) => view.note(look, OffsetDateTime::now_utc()),
                // The first look tells whether it can work at all; later ones may fail for a while.
                Err(why) if view.is_empty() => return Err(why),
                Err(why) => view.note_failure(&why.to_string()),
            },
        }
        terminal
            .draw(|frame| screen::draw(frame, &view))
            .map_err(CannotRun::because)?;
    }
}

// Reading keys blocks, so a thread does; it ends with the process.
fn terminal_events() -> mpsc::UnboundedReceiver<Event> {
    let (sender, receiver) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        while let Ok(event) = event::read() {
            if sender.send(event).is_err() {
                return;
            }
        }
    });
    receiver
}

fn is_quit(event: &Event) -> bool {
    let Event::Key(key) = event else { return false };
    let interrupt = key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
    key.kind == KeyEventKind::Press
        && (interrupt || matches!(key.code, KeyCode::Char('q') | KeyCode::Esc))
}
