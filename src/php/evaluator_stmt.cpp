#include "bdupdate/base/text.h"
#include "evaluator.h"
#include "operators.h"

namespace bdupdate::php {

Flow Evaluator::run(const Block& block) {
    for (const StmtPtr& stmt : block) {
        if (!stmt) continue;
        if (const Flow flow = run(*stmt); flow != Flow::Normal) return flow;
    }
    return Flow::Normal;
}

Flow Evaluator::run(const Stmt& stmt) {
    if (out_of_steps()) return Flow::Dead;
    const auto ended = [this] { return dead_ ? Flow::Dead : Flow::Normal; };
    switch (stmt.kind) {
        case StmtKind::Expression:
        case StmtKind::Echo:
            for (const ExprPtr& expr : stmt.expressions) value(*expr);
            return ended();
        case StmtKind::If:
            return run_if(stmt, 0);
        case StmtKind::Switch:
            return run_switch(stmt);
        case StmtKind::While:
        case StmtKind::DoWhile:
            return run_loop(stmt);
        case StmtKind::For:
            return run_for(stmt);
        case StmtKind::Foreach:
            return run_foreach(stmt);
        case StmtKind::Try:
            return run_try(stmt);
        case StmtKind::Group:
            return stmt.branches.empty() ? Flow::Normal : run(stmt.branches[0].body);
        case StmtKind::Break:
            return jump(stmt, Flow::Break);
        case StmtKind::Continue:
            return jump(stmt, Flow::Continue);
        case StmtKind::Return:
            returned_ = stmt.expressions.empty() ? Value() : value(*stmt.expressions[0]);
            return dead_ ? Flow::Dead : Flow::Return;
        case StmtKind::Unset:
            return run_unset(stmt);
        case StmtKind::Global:
        case StmtKind::Static:
        case StmtKind::Constant:
            return run_names(stmt);
        case StmtKind::Function:
            state_.functions[to_lower(stmt.function->name)] = stmt.function;
            return Flow::Normal;
        case StmtKind::Namespace:
        case StmtKind::Goto: {
            Effects effects;
            effects.anything = true;
            apply(effects, because(stmt.line, stmt.kind == StmtKind::Goto ? "goto" : "a namespace"));
            return Flow::Return;
        }
        case StmtKind::Class:
        case StmtKind::Nothing:
            return Flow::Normal;
    }
    return Flow::Normal;
}

Flow Evaluator::jump(const Stmt& stmt, Flow flow) {
    jump_levels_ = 1;
    if (!stmt.expressions.empty()) {
        const Value levels = value(*stmt.expressions[0]);
        if (levels.integer() == nullptr || *levels.integer() < 1) return Flow::Dead;  // PHP refuses it
        jump_levels_ = *levels.integer();
    }
    return flow;
}

Flow Evaluator::run_if(const Stmt& stmt, std::size_t branch) {
    if (branch >= stmt.branches.size()) return Flow::Normal;
    const Branch& here = stmt.branches[branch];
    if (!here.condition) return run(here.body);
    const Value condition = value(*here.condition);
    if (dead_) return Flow::Dead;
    if (const auto known = truth(condition)) return *known ? run(here.body) : run_if(stmt, branch + 1);
    const Unknown why = because(here.condition->line,
                                "a condition that is not known (" + condition.unknown_inside()->why + ")");
    return fork(
        why, [&] { return run(here.body); }, [&] { return run_if(stmt, branch + 1); });
}

// Goes back to before the statement and gives up everything that it could write.
Flow Evaluator::give_up_on(const Stmt& stmt, State before, const std::string& what) {
    state_ = std::move(before);
    dead_ = false;
    Effects effects;
    effects.add(stmt);
    apply(effects, because(stmt.line, what));
    return Flow::Normal;
}

Flow Evaluator::run_switch(const Stmt& stmt) {
    State before = state_;
    const Value subject = value(*stmt.expressions[0]);
    if (dead_) return Flow::Dead;
    std::size_t chosen = stmt.branches.size();
    for (std::size_t i = 0; i < stmt.branches.size(); ++i) {
        if (!stmt.branches[i].condition) continue;
        const auto equal = loosely_equal(subject, value(*stmt.branches[i].condition));
        if (!equal) return give_up_on(stmt, std::move(before), "a switch over something that is not known");
        if (!*equal) continue;
        chosen = i;
        break;
    }
    for (std::size_t i = 0; i < stmt.branches.size() && chosen == stmt.branches.size(); ++i) {
        if (!stmt.branches[i].condition) chosen = i;
    }
    const Flow flow = run_switch_from(stmt, chosen);
    if (flow == Flow::Lost) return give_up_on(stmt, std::move(before), "a break that may not be reached");
    return flow;
}

Flow Evaluator::run_switch_from(const Stmt& stmt, std::size_t branch) {
    for (; branch < stmt.branches.size(); ++branch) {
        const Flow flow = run(stmt.branches[branch].body);
        if (flow == Flow::Normal) continue;
        if ((flow == Flow::Break || flow == Flow::Continue) && jump_levels_ == 1) return Flow::Normal;
        if (flow == Flow::Break || flow == Flow::Continue) --jump_levels_;
        return flow;
    }
    return Flow::Normal;
}

// What a loop does when its body ended so: `leave` is set where it ends, with the flow that goes on.
Flow Evaluator::loop_flow(Flow flow, bool& leave) {
    leave = true;
    if (flow == Flow::Break || flow == Flow::Continue) {
        if (jump_levels_ > 1) {
            --jump_levels_;
            return flow;
        }
        leave = flow == Flow::Break;
        return Flow::Normal;
    }
    leave = flow != Flow::Normal;
    return flow;
}

Flow Evaluator::run_loop(const Stmt& stmt) {
    const State before = state_;
    bool first = stmt.kind == StmtKind::DoWhile;
    while (!out_of_steps()) {
        if (!first) {
            const auto known = truth(value(*stmt.expressions[0]));
            if (dead_) return Flow::Dead;
            if (!known) return give_up_on(stmt, before, "a loop on something that is not known");
            if (!*known) return Flow::Normal;
        }
        first = false;
        bool leave = false;
        const Flow flow = loop_flow(run(stmt.branches[0].body), leave);
        if (flow == Flow::Lost) return give_up_on(stmt, before, "a break that may not be reached");
        if (leave) return flow;
    }
    return Flow::Dead;
}

Flow Evaluator::run_for(const Stmt& stmt) {
    const State before = state_;
    const std::size_t condition = stmt.counts[0];
    const std::size_t step = condition + stmt.counts[1];
    for (std::size_t i = 0; i < condition; ++i) value(*stmt.expressions[i]);
    while (!out_of_steps()) {
        std::optional<bool> known = true;
        for (std::size_t i = condition; i < step; ++i) known = truth(value(*stmt.expressions[i]));
        if (dead_) return Flow::Dead;
        if (!known) return give_up_on(stmt, before, "a loop on something that is not known");
        if (!*known) return Flow::Normal;
        bool leave = false;
        const Flow flow = loop_flow(run(stmt.branches[0].body), leave);
        if (flow == Flow::Lost) return give_up_on(stmt, before, "a break that may not be reached");
        if (leave) return flow;
        for (std::size_t i = step; i < stmt.expressions.size(); ++i) value(*stmt.expressions[i]);
    }
    return Flow::Dead;
}

Flow Evaluator::run_foreach(const Stmt& stmt) {
    State before = state_;
    const Value subject = value(*stmt.expressions[0]);
    if (dead_) return Flow::Dead;
    if (subject.is_null() || subject.boolean() || subject.integer() || subject.real() || subject.string()) {
        return Flow::Normal;  // a warning
    }
    const Array* elements = subject.array();
    const bool followed = elements != nullptr && elements->uncertain() == nullptr && !stmt.by_reference;
    if (!followed) {
        return give_up_on(
            stmt, std::move(before),
            stmt.by_reference ? "foreach by reference" : "a foreach over something that is not known");
    }
    const Flow flow = run_foreach_over(stmt, *elements);
    if (flow == Flow::Lost) return give_up_on(stmt, std::move(before), "a break that may not be reached");
    return flow;
}

Flow Evaluator::run_foreach_over(const Stmt& stmt, const Array& subject) {
    for (const auto& [key, element] : subject.entries()) {
        if (out_of_steps()) return Flow::Dead;
        assign(*stmt.expressions[2], element);
        if (stmt.expressions[1]) assign(*stmt.expressions[1], value_of(key));
        if (dead_) return Flow::Dead;
        bool leave = false;
        const Flow flow = loop_flow(run(stmt.branches[0].body), leave);
        if (leave || flow == Flow::Lost) return flow;
    }
    return Flow::Normal;
}

// Where an exception would come from is not known, so nothing that the blocks write is.
Flow Evaluator::run_try(const Stmt& stmt) {
    Effects effects;
    const std::size_t blocks = stmt.branches.size() - (stmt.has_finally ? 1 : 0);
    for (std::size_t i = 0; i < blocks; ++i) effects.add(stmt.branches[i].body);
    for (const std::string& name : stmt.names) effects.variables.insert(name);
    apply(effects, because(stmt.line, "a try block"));
    return stmt.has_finally ? run(stmt.branches.back().body) : Flow::Normal;
}

Flow Evaluator::run_unset(const Stmt& stmt) {
    for (const ExprPtr& expr : stmt.expressions) {
        Target where = target(*expr);
        if (where.variable.empty()) continue;
        if (where.variable == "*") {
            scope().taint_all(because(stmt.line, "unset() of a variable that is not known"));
            continue;
        }
        Scope& holder = scope_of(where.variable, where.global);
        if (where.steps.empty()) {
            if (!holder.aliases.empty()) {
                holder.pin(where.variable, because(stmt.line, "unset() of a reference"));
            } else if (holder.rest || holder.pinned.count(where.variable) > 0) {
                holder.variables[where.variable] = Value();
            } else if (scope().globals.erase(where.variable) == 0) {
                holder.variables.erase(where.variable);
            }
            continue;
        }
        const Target::Step last = where.steps.back();
        where.steps.pop_back();
        // unset() below something that does not exist must not create it
        if (read_target(where, *expr).is_null()) continue;
        Value* parent = place(where);
        if (parent == nullptr || parent->unknown() != nullptr) continue;
        if (Array* elements = parent->array();
            elements != nullptr && last.kind == Target::Step::Kind::Named) {
            elements->erase(last.key);
        } else if (!parent->is_null()) {
            *parent = unknown(*expr, "unset() of an element that is not known");
        }
    }
    return dead_ ? Flow::Dead : Flow::Normal;
}

Flow Evaluator::run_names(const Stmt& stmt) {
    for (std::size_t i = 0; i < stmt.names.size(); ++i) {
        const std::string& name = stmt.names[i];
        const Value given = stmt.expressions[i] ? value(*stmt.expressions[i]) : Value();
        if (stmt.kind == StmtKind::Constant) {
            state_.constants.emplace(name, given);
        } else if (name.empty()) {
            scope().lose(because(stmt.line, "global $$..."));
        } else if (stmt.kind == StmtKind::Static) {
            scope().pin(name, because(stmt.line, "a static variable"));
        } else if (!state_.calls.empty()) {
            scope().variables.erase(name);
            scope().globals.insert(name);
        } else if (options_.globals && options_.globals->count(name) == 0) {
            scope().pin(name, because(stmt.line, "a global variable of the code around"));
        }
    }
    return dead_ ? Flow::Dead : Flow::Normal;
}

}  // namespace bdupdate::php
