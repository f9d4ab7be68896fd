#pragma once

#include <set>
#include <string>

#include "ast.h"

namespace bdupdate::php {

/// What code may change when it is not known whether, or how often, it runs.
struct Effects {
    std::set<std::string> variables;  ///< written
    std::set<std::string> pinned;     ///< referenced
    std::set<std::string> unset;      ///< unset(), which ends a reference
    bool any_variable = false;        ///< $$x, extract()
    bool calls = false;               ///< functions that are not known: globals, environment, files
    bool anything = false;            ///< include, eval, return, goto: what comes after is not known either

    void add(const Block& block);
    void add(const Stmt& stmt);
    void add(const Expr& expr);

  private:
    void add_target(const Expr& expr);
    void add_call(const Expr& expr);
};

/// The variable an expression such as `$a['b'][]` or `$a->b` stands on; empty when there is none, "*" when it
/// may be any.
std::string root_variable(const Expr& expr);

}  // namespace bdupdate::php
