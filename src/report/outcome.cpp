// How a run ended, in words: what state the site is in, whether it is in maintenance mode, what to type.

#include "bdupdate/base/clock.h"
#include "bdupdate/base/text.h"
#include "bdupdate/report/layout.h"
#include "bdupdate/report/text.h"
#include "parts.h"

namespace bdupdate::report {

namespace {

std::string backup_sentence(const run::Outcome& outcome) {
    if (!outcome.backup) return "no backup was made\n";
    return "backup " + *outcome.backup + " holds database and config; not files/, not code\n";
}

std::string maintenance_sentence(const run::Outcome& outcome) {
    if (!outcome.maintenance_known)
        return "the database does not answer: maintenance mode is as the run left it, most likely on\n";
    return std::string("maintenance mode is ") + (outcome.maintenance_on ? "on" : "off") + "\n";
}

std::string hint(const Style& style, const std::string& text) {
    return style.bold("hint:") + " " + text + "\n";
}

/// What shows the changes, new files included: git, which shows what is to be committed, or the journal.
std::string config_diff_command(const run::Outcome& outcome, const site::Site& site) {
    if (!outcome.config_files.in_work_tree) return "bdupdate show " + outcome.run.substr(0, 8) + " --patch";
    const std::string git = "git -C " + site.active_config.string();
    return (outcome.config_files.created > 0 ? git + " add -N . && " : "") + git + " diff .";
}

std::string config_sentence(const run::Outcome& outcome, const site::Site& site, const Style& style) {
    const run::ConfigFiles& files = outcome.config_files;
    if (files.total() == 0) return "";
    std::vector<std::string> parts;
    if (files.created > 0) parts.push_back(std::to_string(files.created) + " new");
    if (files.deleted > 0) parts.push_back(std::to_string(files.deleted) + " deleted");
    std::string text = counted(files.total(), "config file") + " changed in " + site.active_config.string();
    if (!parts.empty()) text += " (" + join(parts, ", ") + ")";
    text += ": " + config_diff_command(outcome, site) + "\n";
    if (files.staging_waits)
        text += style.caution("warning:") + " the staging directory " + site.staging_config.string() +
                " holds config of before the run: importing it would undo these changes\n";
    return text;
}

/// Names and counts of tables, the first few of many.
std::string tables_text(const run::Outcome& outcome, bool gone) {
    constexpr std::size_t most = 8;
    std::vector<std::string> parts;
    std::size_t more = 0;
    for (const run::VanishedRows& table : outcome.vanished)
        if (table.gone == gone && parts.size() >= most)
            ++more;
        else if (table.gone == gone)
            parts.push_back(table.table + " (" + counted(table.rows, "row") + ")");
    if (more > 0) parts.push_back("and " + std::to_string(more) + " more");
    return join(parts, ", ");
}

std::string vanished_sentences(const run::Outcome& outcome, const Style& style) {
    std::string text;
    if (const std::string emptied = tables_text(outcome, false); !emptied.empty())
        text += style.caution("warning:") + " tables that had rows before the run are empty now: " + emptied +
                "\n";
    if (const std::string gone = tables_text(outcome, true); !gone.empty())
        text += "tables that updates dropped or renamed: " + gone + "\n";
    return text;
}

std::string what_was_done(const run::Outcome& outcome) {
    if (outcome.updates > 0) return "updated: " + counted(outcome.updates, "update") + " done";
    switch (outcome.remainder) {
        case run::Outcome::Remainder::None:
            break;
        case run::Outcome::Remainder::FlushAndCheck:
            return "the run had no update left to do: what follows them is done now, and it is closed";
        case run::Outcome::Remainder::Tidying:
            return "the run was done but for tidying up: maintenance mode set back, run closed";
        case run::Outcome::Remainder::Record:
            return "the run was done: its record is closed now";
    }
    return "nothing was pending; caches flushed for the new code";
}

std::string updated_text(const run::Outcome& outcome, const site::Site& site, const Style& style) {
    std::string text = style.good(what_was_done(outcome)) + " in " + duration_text(outcome.elapsed) + "\n" +
                       backup_sentence(outcome) + config_sentence(outcome, site, style) +
                       vanished_sentences(outcome, style) + maintenance_sentence(outcome);
    if (site.update_free_access || site.restore_free_access)
        text += style.caution("warning:") + " settings.php leaves " +
                (site.update_free_access ? "update_free_access" : "restore_free_access") +
                " TRUE: anybody may run updates; set it to FALSE\n";
    return text;
}

std::string partly_text(const run::Outcome& outcome, const site::Site& site, const Style& style) {
    std::string text = style.bad("updated in part") + ": " + counted(outcome.updates, "update") + " done, " +
                       std::to_string(outcome.failures.size()) +
                       " failed and still pending; the failed ones left nothing behind\n";
    for (const run::FailedUpdate& failure : outcome.failures)
        text += style.bad("failed:") + " " + failure.function +
                (failure.error.empty() ? "" : ": " + failure.error) + "\n";
    for (const run::FailedUpdate& failure : outcome.failures) {
        for (const std::string& detail : failure.details) text += "  " + detail + "\n";
        if (!failure.hint.empty()) text += hint(style, failure.hint);
    }
    return text + backup_sentence(outcome) + config_sentence(outcome, site, style) +
           vanished_sentences(outcome, style) + maintenance_sentence(outcome) +
           hint(style, "mend what failed, then bdupdate run");
}

std::string stopped_text(const run::Outcome& outcome, const Style& style) {
    return style.bad("stopped") + " after " + counted(outcome.updates, "update") + ", " +
           std::to_string(outcome.remaining) + " to go; the site stands after the last finished pass\n" +
           backup_sentence(outcome) + maintenance_sentence(outcome) +
           hint(style, std::string("bdupdate recover goes on from there") +
                           (outcome.backup ? "; bdupdate recover --restore takes the whole run back" : ""));
}

std::string restored_text(const run::Outcome& outcome, const Style& style) {
    return style.bad("not updated") + ": the backup was restored, " +
           (outcome.boots ? "the site is as before the run\n"
                          : "database and config are as before the run, but the site does not boot\n") +
           backup_sentence(outcome) + maintenance_sentence(outcome) +
           hint(style, outcome.boots ? "mend the cause, then bdupdate run"
                                     : "mend it, then bdupdate maintenance off");
}

std::string needs_hands_text(const run::Outcome& outcome, const Style& style) {
    return style.bad("the site needs hands") +
           ": the failed update could not be taken back; the run stays open\n" + backup_sentence(outcome) +
           maintenance_sentence(outcome) +
           hint(style, outcome.backup
                           ? "bdupdate recover repeats the restore; bdupdate recover --restore --backup "
                             "NAME takes another backup"
                           : "mend the tables by hand, then bdupdate recover --forget");
}

std::string forgotten_text(const run::Outcome& outcome, const Style& style) {
    std::string text = "the run is forgotten; database, config and maintenance mode stay as they are\n";
    for (const std::string& lost : outcome.lost) text += style.caution("lost:") + " " + lost + "\n";
    return text + maintenance_sentence(outcome);
}

std::string end_text(const run::Outcome& outcome, const site::Site& site, const Style& style) {
    switch (outcome.end) {
        case run::End::NothingPending:
            break;
        case run::End::Updated:
            return updated_text(outcome, site, style);
        case run::End::Partly:
            return partly_text(outcome, site, style);
        case run::End::Untouched:
            return style.bad("not updated") +
                   ": nothing was committed, the site is exactly as before the run\n" +
                   maintenance_sentence(outcome);
        case run::End::Stopped:
            return stopped_text(outcome, style);
        case run::End::Restored:
            return restored_text(outcome, style);
        case run::End::NeedsHands:
            return needs_hands_text(outcome, style);
        case run::End::Forgotten:
            return forgotten_text(outcome, style);
        case run::End::Interrupted:
            return style.bad("interrupted") +
                   ": what became of the last pass is not known yet; the run stays open\n" +
                   backup_sentence(outcome) + maintenance_sentence(outcome) +
                   hint(style, "bdupdate recover finds out, and goes on or takes it back");
    }
    return "nothing pending\n";
}

std::string still_open(const std::string& label, const std::string& name, const std::string& why,
                       const Style& style) {
    const bool named = why.rfind(name, 0) == 0;
    const std::string line = hanging(label + " " + (named ? "" : name + ": "), why, style.width);
    return style.caution(label) + line.substr(label.size());
}

}  // namespace

std::string outcome_text(const run::Outcome& outcome, const site::Site& site, const Style& style) {
    std::string text = end_text(outcome, site, style);
    if (outcome.end == run::End::NothingPending) return text;
    if (outcome.not_selected > 0)
        text += style.caution("still pending:") + " " + counted(outcome.not_selected, "update") +
                " that --module or --skip left out\n";
    for (const plan::Blocked& blocked : outcome.blocked)
        text += still_open("left out:", blocked.function.empty() ? blocked.module : blocked.function,
                           why_blocked(blocked), style);
    for (const plan::ModuleNote& note : outcome.modules)
        if (is_missing(note)) text += still_open("missing:", note.module, text_of(note), style);
    return text;
}

}  // namespace bdupdate::report
