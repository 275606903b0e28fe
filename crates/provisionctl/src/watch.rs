//! Queues and a log group -> a live view of depths and outcomes on a terminal, or lines for each interval.

mod clock;
mod depths;
mod outcomes;
mod screen;
mod snapshot;
mod view;

use std::io::IsTerminal;
use std::time::Duration;

use clap::Args;
use clock::time_of_day;
use connect_provisioner::policy::QueueNames;
use depths::{WatchedQueueOptions, WatchedQueues};
use outcomes::OutcomeLog;
use ratatui::crossterm::event::{self, KeyCode, KeyEventKind, KeyModifiers};
use snapshot::Snapshot;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::sync::mpsc;
use tokio::time::MissedTickBehavior;
use view::View;

use crate::config_file::ConfigFile;
use crate::connection::Connection;
use crate::ending::{CannotRun, Ending};
use crate::terminal::print_line;

/// `provisionctl watch`.
#[derive(Args)]
pub(super) struct Watch {
    #[command(flatten)]
    queues: WatchedQueueOptions,
    /// The function's log group, such as /aws/lambda/hr-join; adds the last outcomes.
    #[arg(long, value_name = "NAME")]
    log_group: Option<String>,
    /// The time between two updates.
    #[arg(long, value_name = "SPAN", default_value = "2s", value_parser = humantime::parse_duration)]
    interval: Duration,
    /// Print one update, and exit.
    #[arg(long)]
    once: bool,
    /// Print one JSON object for each update, one a line.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    config: ConfigFile,
}

pub(super) async fn run(command: Watch, connection: &Connection) -> Result<Ending, CannotRun> {
    let config = connection.config().await;
    let named = match command.config.load() {
        Ok(policy) => policy.queues,
        Err(_) => QueueNames::default(),
    };
    let sqs = aws_sdk_sqs::Client::new(&config);
    let queues = WatchedQueues::new(&command.queues, &named, sqs).await?;
    let mut log = command
        .log_group
        .as_ref()
        .map(|group| OutcomeLog::new(group, &config));
    if std::io::stdout().is_terminal() && !command.once && !command.json {
        return on_screen(&command, &queues, log.as_mut()).await;
    }
    let mut ticks = ticks(command.interval);
    loop {
        ticks.tick().await;
        let snapshot = take_snapshot(&queues, log.as_mut()).await?;
        print(&snapshot, command.json)?;
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

async fn take_snapshot(
    queues: &WatchedQueues,
    log: Option<&mut OutcomeLog>,
) -> Result<Snapshot, CannotRun> {
    Ok(Snapshot {
        time: OffsetDateTime::now_utc()
            .format(&Rfc3339)
            .map_err(CannotRun::because)?,
        queues: queues.depths().await?,
        outcomes: match log {
            Some(log) => log.new_outcomes().await?,
            None => Vec::new(),
        },
    })
}

fn print(snapshot: &Snapshot, json: bool) -> Result<(), CannotRun> {
    if json {
        return print_line(serde_json::to_string(snapshot).map_err(CannotRun::because)?);
    }
    for outcome in &snapshot.outcomes {
        print_line(outcome)?;
    }
    let depths: Vec<String> = snapshot.queues.iter().map(ToString::to_string).collect();
    print_line(format_args!(
        "{}  {}",
        time_of_day(OffsetDateTime::now_utc()),
        depths.join("; ")
    ))
}

// Restores the terminal at the end; on a panic, the hook of ratatui does.
async fn on_screen(
    command: &Watch,
    queues: &WatchedQueues,
    log: Option<&mut OutcomeLog>,
) -> Result<Ending, CannotRun> {
    let mut terminal = ratatui::init();
    let ended = draw_until_quit(command, queues, log, &mut terminal).await;
    ratatui::restore();
    ended.map(|()| Ending::AllDone)
}

async fn draw_until_quit(
    command: &Watch,
    queues: &WatchedQueues,
    mut log: Option<&mut OutcomeLog>,
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
            _ = ticks.tick() => match take_snapshot(queues, log.as_deref_mut()).await {
                Ok(snapshot) => view.add(snapshot, OffsetDateTime::now_utc()),
                // A failure of the first snapshot ends the command; later ones may be temporary.
                Err(why) if view.is_empty() => return Err(why),
                Err(why) => view.set_failure(&why.to_string()),
            },
        }
        terminal
            .draw(|frame| screen::draw(frame, &view))
            .map_err(CannotRun::because)?;
    }
}

// Reads terminal events on a thread, as reading blocks; it ends with the process.
fn terminal_events() -> mpsc::UnboundedReceiver<event::Event> {
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

fn is_quit(event: &event::Event) -> bool {
    let event::Event::Key(key) = event else {
        return false;
    };
    let interrupt = key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
    key.kind == KeyEventKind::Press
        && (interrupt || matches!(key.code, KeyCode::Char('q') | KeyCode::Esc))
}
