#include "evaluator.h"

#include "bdupdate/base/text.h"

namespace bdupdate::php {
namespace {

constexpr std::size_t max_steps = 400000;

}  // namespace

Evaluator::Evaluator(const EvaluateOptions& options, World& world) : options_(options), world_(world) {
    state_.file.variables = options.variables;
    state_.constants = options.constants;
    state_.directory = options.working_directory;
    state_.outside.rest = Unknown{"a global variable of the code around " + options.file.string()};
}

Unknown Evaluator::because(std::uint32_t line, const std::string& what) const {
    const std::string file = files_.empty() ? options_.file.string() : files_.back().string();
    return Unknown{file + ":" + std::to_string(line) + ": " + what};
}

std::optional<Unknown> Evaluator::ended() const {
    if (!dead_) return std::nullopt;
    return ended_ ? *ended_ : because(0, "the end is not reached");
}

bool Evaluator::out_of_steps() {
    if (++steps_ < max_steps) return false;
    if (!ended_) ended_ = because(0, "more steps than are followed");
    dead_ = true;
    return true;
}

Value Evaluator::run_file(std::string_view source, const std::filesystem::path& file, Value standard) {
    auto program = std::make_shared<Program>(parse(source));
    programs_.push_back(program);
    files_.push_back(file);
    if (program->unclear) {
        const Unknown why =
            because(1, "a file that is nested too deeply, or has #[ where PHP 7 and 8 differ");
        files_.pop_back();
        scope().lose(why);
        after_unknown_code(why);
        return Value(why);
    }
    if (program->error) {
        const Unknown why = because(program->error->line, "syntax error: " + program->error->message);
        files_.pop_back();
        if (forks_ == 0) {
            error_ = Error{ExitCode::Usage, why.why, "run `php -l` on the file and repair it", {}};
        }
        dead_ = true;
        ended_ = why;
        return Value(why);
    }
    const std::size_t frame = frames_.size();
    frames_.emplace_back();
    declare_functions(program->statements);
    Value out = finish_frame(run(program->statements), frame, std::move(standard));
    files_.pop_back();
    return out;
}

// Joins the ways that ended at a `return` with the one that reached the end, if it did.
Value Evaluator::finish_frame(Flow flow, std::size_t frame, Value standard) {
    Value out = flow == Flow::Return ? std::move(returned_) : std::move(standard);
    returned_ = Value();
    bool alive = flow != Flow::Dead;
    if (flow == Flow::Lost || flow == Flow::Break || flow == Flow::Continue) {
        const Unknown why = because(0, "break outside of a loop that is followed");
        scope().lose(why);
        after_unknown_code(why);
    }
    for (Exit& exit : frames_[frame]) {
        const Unknown why = because(0, "a return that may or may not have been reached");
        if (alive) {
            state_ = merge(std::move(state_), std::move(exit.state), why);
            out = merge(out, exit.value, why);
        } else {
            state_ = std::move(exit.state);
            out = std::move(exit.value);
        }
        alive = true;
    }
    frames_.resize(frame);
    dead_ = !alive;
    return out;
}

void Evaluator::declare_functions(const Block& block) {
    for (const StmtPtr& stmt : block) {
        if (stmt && stmt->kind == StmtKind::Function) {
            state_.functions[to_lower(stmt->function->name)] = stmt->function;
        }
    }
}

// Walks both ways and goes on with what they agree on.
Flow Evaluator::fork(const Unknown& why, const std::function<Flow()>& one,
                     const std::function<Flow()>& other) {
    const State before = state_;
    ++forks_;
    const Flow first = one();
    State after_first = std::move(state_);
    const Value first_returned = std::move(returned_);
    const std::int64_t first_levels = jump_levels_;
    dead_ = false;
    state_ = before;
    returned_ = Value();
    const Flow second = other();
    dead_ = false;
    --forks_;
    if (second == Flow::Dead) {
        state_ = std::move(after_first);
        returned_ = first_returned;
        jump_levels_ = first_levels;
        return first;
    }
    if (first == Flow::Dead) return second;
    if (first == Flow::Return && second != Flow::Lost) {
        frames_.back().push_back({std::move(after_first), first_returned});
        return second;
    }
    if (second == Flow::Return && first != Flow::Lost) {
        frames_.back().push_back({std::move(state_), std::move(returned_)});
        state_ = std::move(after_first);
        jump_levels_ = first_levels;
        return first;
    }
    if (first != second || first == Flow::Lost || (first != Flow::Normal && first_levels != jump_levels_)) {
        return Flow::Lost;
    }
    state_ = merge(std::move(after_first), std::move(state_), why);
    return first;
}

Value Evaluator::either(const Unknown& why, const std::function<Value()>& one,
                        const std::function<Value()>& other) {
    Value first;
    Value second;
    const bool dead_before = dead_;
    const Flow flow = fork(
        why,
        [&] {
            first = one();
            return dead_ ? Flow::Dead : Flow::Normal;
        },
        [&] {
            second = other();
            if (dead_) return Flow::Dead;
            return Flow::Normal;
        });
    dead_ = dead_before || flow == Flow::Dead;
    return php::merge(first, second, why);
}

void Evaluator::after_unknown_code(const Unknown& why) {
    if (options_.globals) {
        for (const std::string& name : *options_.globals) state_.file.taint(name, why);
        state_.outside.taint_all(why);
    } else {
        state_.file.taint_all(why);
    }
    if (!state_.environment_unknown) state_.environment_unknown = why;
    if (!state_.directory_unknown) state_.directory_unknown = why;
    if (!state_.include_path_unknown) state_.include_path_unknown = why;
}

void Evaluator::apply(const Effects& effects, const Unknown& why) {
    for (const std::string& name : effects.variables) scope_of(name, false).taint(name, why);
    for (const std::string& name : effects.pinned) scope_of(name, false).pin(name, why);
    for (const std::string& name : effects.unset) {
        if (!scope().aliases.empty()) scope_of(name, false).pin(name, why);
    }
    if (effects.any_variable) scope().taint_all(why);
    if (effects.calls || effects.anything) after_unknown_code(why);
    if (effects.calls && !state_.files_unknown) state_.files_unknown = why;
    if (effects.any_variable && (state_.calls.empty() || !options_.globals)) state_.file.taint_all(why);
    if (!effects.anything) return;
    scope().lose(why);
    if (!options_.globals) state_.file.lose(why);
    if (!state_.files_unknown) state_.files_unknown = why;
}

}  // namespace bdupdate::php
