#include "effects.h"

#include "bdupdate/base/text.h"
#include "builtins.h"

namespace bdupdate::php {

std::string root_variable(const Expr& expr) {
    switch (expr.kind) {
        case ExprKind::Variable:
            return expr.name == "GLOBALS" ? "*" : expr.name;
        case ExprKind::DynamicVariable:
            return "*";
        case ExprKind::Index:
        case ExprKind::Property:
            return root_variable(*expr.children[0]);
        default:
            return {};
    }
}

void Effects::add(const Block& block) {
    for (const StmtPtr& stmt : block) {
        if (stmt) add(*stmt);
    }
}

void Effects::add(const Stmt& stmt) {
    switch (stmt.kind) {
        case StmtKind::Return:
        case StmtKind::Goto:
        case StmtKind::Namespace:
            anything = true;
            break;
        case StmtKind::Break:
        case StmtKind::Continue:
            if (!stmt.expressions.empty()) anything = true;  // leaves loops further out
            break;
        case StmtKind::Global:
            for (const std::string& name : stmt.names) pinned.insert(name);
            break;
        case StmtKind::Static:
        case StmtKind::Try:
            for (const std::string& name : stmt.names) variables.insert(name);
            break;
        case StmtKind::Unset:
            for (const ExprPtr& target : stmt.expressions) {
                add_target(*target);
                if (target->kind == ExprKind::Variable) unset.insert(target->name);
            }
            break;
        case StmtKind::Foreach:
            if (stmt.expressions[1]) add_target(*stmt.expressions[1]);
            add_target(*stmt.expressions[2]);
            if (stmt.by_reference) {
                pinned.insert(root_variable(*stmt.expressions[0]));
                pinned.insert(root_variable(*stmt.expressions[2]));
            }
            break;
        default:
            break;
    }
    for (const ExprPtr& expr : stmt.expressions) {
        if (expr) add(*expr);
    }
    for (const Branch& branch : stmt.branches) {
        if (branch.condition) add(*branch.condition);
        add(branch.body);
    }
}

void Effects::add_target(const Expr& expr) {
    if (expr.kind == ExprKind::Array) {
        for (const Item& item : expr.items) {
            if (!item.value) continue;
            add_target(*item.value);
            if (item.by_reference) anything = true;
        }
        return;
    }
    const std::string root = root_variable(expr);
    if (root == "*")
        any_variable = true;
    else if (!root.empty())
        variables.insert(root);
}

void Effects::add(const Expr& expr) {
    switch (expr.kind) {
        case ExprKind::Assign:
        case ExprKind::Increment:
            add_target(*expr.children[0]);
            break;
        case ExprKind::AssignReference:
            for (const ExprPtr& side : expr.children) {
                add_target(*side);
                pinned.insert(root_variable(*side));
            }
            break;
        case ExprKind::Include:
            anything = true;
            break;
        case ExprKind::Call:
        case ExprKind::MethodCall:
        case ExprKind::New:
            add_call(expr);
            break;
        case ExprKind::Opaque:
            if (expr.name == "eval" || expr.name == "yield") anything = true;
            break;
        default:
            break;
    }
    for (const ExprPtr& child : expr.children) {
        if (child) add(*child);
    }
    for (const Item& item : expr.items) {
        if (item.by_reference && item.value) pinned.insert(root_variable(*item.value));
        for (const ExprPtr& condition : item.conditions) add(*condition);
        if (item.key) add(*item.key);
        if (item.value) add(*item.value);
    }
    if (pinned.erase("*") > 0) anything = true;
    pinned.erase("");
}

void Effects::add_call(const Expr& expr) {
    const FunctionTraits traits = expr.kind == ExprKind::Call && expr.children.empty()
                                      ? traits_of(to_lower(expr.name))
                                      : FunctionTraits{};
    if (traits.effect == Effect::AnyVariable) any_variable = true;
    if (traits.effect != Effect::None) calls = true;
    for (std::size_t i = 0; i < expr.items.size(); ++i) {
        if (traits.effect != Effect::Anything && !traits.writes(i)) continue;
        if (expr.items[i].value) add_target(*expr.items[i].value);
    }
}

}  // namespace bdupdate::php
