//! A view -> a frame of the terminal.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Stylize;
use ratatui::text::Line;
use ratatui::widgets::{Block, Paragraph, Sparkline};

use super::view::{DepthHistory, View, signed};
use crate::terminal::printable;

/// Draws a view on a frame.
pub(super) fn draw(frame: &mut Frame, view: &View) {
    let queues = view.queues.iter().map(|_| Constraint::Length(5));
    let rows: Vec<Constraint> = [Constraint::Length(1)]
        .into_iter()
        .chain(queues)
        .chain([Constraint::Min(3)])
        .collect();
    let areas = Layout::vertical(rows).split(frame.area());
    frame.render_widget(headline(view), areas[0]);
    for (history, area) in view.queues.iter().zip(&areas[1..]) {
        queue(frame, view, history, *area);
    }
    lists(frame, view, areas[areas.len() - 1]);
}

fn headline(view: &View) -> Line<'_> {
    if let Some(why) = &view.failure {
        return Line::from(format!("no update: {why}")).red();
    }
    let counts: Vec<String> = view
        .counts
        .iter()
        .map(|(outcome, count)| format!("{count} {outcome}"))
        .collect();
    let every = humantime::format_duration(view.interval);
    Line::from(format!("every {every}, q ends   {}", counts.join(", ")))
}

fn queue(frame: &mut Frame, view: &View, history: &DepthHistory, area: Rect) {
    let now = &history.now;
    let block = Block::bordered().title(now.queue.as_str());
    let inside = block.inner(area);
    frame.render_widget(block, area);
    let [numbers, graph] =
        Layout::vertical([Constraint::Length(1), Constraint::Min(1)]).areas(inside);
    let empty = history
        .empty_in(view.interval)
        .map(|span| format!(", empty in {}", humantime::format_duration(span)));
    let text = format!(
        "{} visible  {} in flight  {} delayed  {} since start  {:+.0}/min{}",
        now.visible,
        now.in_flight,
        now.delayed,
        signed(history.at_start, now.total()),
        history.per_minute(view.interval),
        empty.unwrap_or_default()
    );
    frame.render_widget(Line::from(text), numbers);
    let width = usize::from(graph.width);
    let skipped = history.totals.len().saturating_sub(width);
    let recent: Vec<u64> = history.totals.iter().skip(skipped).copied().collect();
    frame.render_widget(Sparkline::default().data(recent), graph);
}

fn lists(frame: &mut Frame, view: &View, area: Rect) {
    let changes = view.changes.iter().map(String::as_str).map(Line::from);
    if !view.has_log {
        return newest(frame, "changes", changes.collect(), area);
    }
    // Side by side on a wide terminal.
    let both = if area.width < 110 {
        Layout::vertical([Constraint::Percentage(65), Constraint::Percentage(35)])
    } else {
        Layout::horizontal([Constraint::Percentage(65), Constraint::Percentage(35)])
    };
    let [first, second] = both.areas(area);
    let outcomes = view.outcomes.iter().map(|outcome| {
        let line = Line::from(printable(&outcome.to_string()));
        match outcome.fields.outcome.as_str() {
            "created" => line.green(),
            "dead_lettered" => line.red(),
            "retry" => line.yellow(),
            _ => line,
        }
    });
    newest(frame, "last outcomes", outcomes.collect(), first);
    newest(frame, "changes", changes.collect(), second);
}

fn newest(frame: &mut Frame, title: &str, mut lines: Vec<Line>, area: Rect) {
    lines.reverse();
    let list = Paragraph::new(lines).block(Block::bordered().title(title));
    frame.render_widget(list, area);
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use ratatui::Terminal;
    use ratatui::backend::TestBackend;
    use time::OffsetDateTime;

    use super::super::depths::Depth;
    use super::super::outcomes::{Outcome, OutcomeFields};
    use super::super::snapshot::Snapshot;
    use super::*;

    fn snapshot(visible: u64, dead: u64, outcome: Option<&str>) -> Snapshot {
        let depth = |queue: &str, visible| Depth {
            queue: queue.to_owned(),
            visible,
            in_flight: 0,
            delayed: 0,
        };
        let fields = |outcome: &str| OutcomeFields {
            outcome: outcome.to_owned(),
            event_key: "employee:E1\u{1b}".to_owned(),
            reason: Some("no_assignment".to_owned()),
        };
        Snapshot {
            time: String::new(),
            queues: vec![depth("hr-joins", visible), depth("hr-joins-dlq", dead)],
            outcomes: outcome
                .map(|outcome| Outcome {
                    timestamp: 0,
                    fields: fields(outcome),
                })
                .into_iter()
                .collect(),
        }
    }

    fn drawn(width: u16) -> String {
        let mut view = View::new(Duration::from_secs(2), true);
        for (visible, dead, outcome) in [
            (90, 1, None),
            (80, 1, Some("created")),
            (70, 3, Some("dead_lettered")),
        ] {
            view.add(snapshot(visible, dead, outcome), OffsetDateTime::UNIX_EPOCH);
        }
        let mut terminal = Terminal::new(TestBackend::new(width, 24)).expect("a terminal");
        terminal.draw(|frame| draw(frame, &view)).expect("drawn");
        terminal.backend().to_string()
    }

    #[test]
    fn depths_changes_and_outcomes_fit_narrow_and_wide_screens() {
        for width in [80, 140] {
            let shown = drawn(width);
            for expected in [
                "70 visible  0 in flight  0 delayed  -20 since start  -300/min, empty in 14s",
                "3 visible  0 in flight  0 delayed  +2 since start",
                "1 created, 1 dead_lettered",
                "00:00:00  hr-joins-dlq +2 (3)",
                "00:00:00  dead_lettered   employee:E1",
                "█",
            ] {
                assert!(shown.contains(expected), "{width}: {expected}\n{shown}");
            }
            assert!(!shown.contains('\u{1b}'), "{shown}");
        }
    }
}
