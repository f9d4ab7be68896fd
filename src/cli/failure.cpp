#include "failure.h"

#include "bdupdate/base/subprocess.h"
#include "bdupdate/base/text.h"
#include "bdupdate/report/text.h"

namespace bdupdate::cli {

namespace {

struct Way {
    run::FailurePolicy policy;
    char key;
    const char* text;
};

constexpr Way ways[] = {
    {run::FailurePolicy::Restore, 'r', "restore the backup from before the run"},
    {run::FailurePolicy::Stop, 's', "stay offline as it is, for `bdupdate recover`"},
    {run::FailurePolicy::Continue, 'g', "go on with the rest, without what failed"},
};

bool open(const run::FailureQuestion& question, run::FailurePolicy policy) {
    switch (policy) {
        case run::FailurePolicy::Restore:
            return question.can_restore;
        case run::FailurePolicy::Stop:
            return question.can_stop;
        case run::FailurePolicy::Continue:
            return question.can_continue;
    }
    return false;
}

run::FailurePolicy ask(const run::FailureQuestion& question, Output& output) {
    output.present(output.error_text(question.error));
    std::string text, keys;
    char usual = 0;
    for (const Way& way : ways) {
        if (!open(question, way.policy)) continue;
        const bool is_usual = way.policy == question.policy;
        text += std::string("  ") + output.talk_style().bold(std::string(1, way.key)) + "  " + way.text +
                (is_usual ? " (default)" : "") + "\n";
        keys += (keys.empty() ? "" : "/") + std::string(1, way.key);
        if (is_usual) usual = way.key;
    }
    output.present(text);
    const std::string asked = "What now? [" + keys + "]";
    for (;;) {
        const auto answer = output.ask(asked);
        if (!answer) return run::FailurePolicy::Stop;
        const char key = answer->empty() ? usual : to_lower(*answer).front();
        for (const Way& way : ways)
            if (key == way.key && open(question, way.policy)) return way.policy;
    }
}

}  // namespace

ExitCode tell_outcome(const run::Outcome& outcome, const Workplace& place, const GlobalOptions& options,
                      Output& output) {
    if (outcome.error) output.error(*outcome.error);
    output.answer(options.format == Format::Json ? report::outcome_json(outcome)
                                                 : report::outcome_text(outcome, place.site, output.style()));
    return outcome.code;
}

void set_limits(const run::Options& options, Workplace& place) {
    if (options.memory_limit) place.worker.memory_limit = *options.memory_limit;
    if (options.pass_timeout) place.worker.pass_timeout = *options.pass_timeout;
}

Result<Workplace> open_for_run(const CommandLine& line, Output& output) {
    BDUPDATE_ASSIGN(Workplace place, open_workplace(line.global, Access::Write, output));
    if (!find_program(place.worker.php.front()))
        return fail(ExitCode::Preflight, place.worker.php.front() + ": not found in PATH",
                    "updates are PHP and need it: install php-cli, or name another one with --php");
    set_limits(line.run.run, place);
    return place;
}

std::function<run::FailurePolicy(const run::FailureQuestion&)> failure_question(const GlobalOptions& options,
                                                                                Output& output) {
    if (options.yes || !output.interactive()) return {};
    return [&output](const run::FailureQuestion& question) { return ask(question, output); };
}

}  // namespace bdupdate::cli
