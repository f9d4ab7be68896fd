#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bdupdate/php/interpreter.h"
#include "builtins.h"
#include "effects.h"
#include "state.h"

namespace bdupdate::php {

/// How a statement ended.
enum class Flow : std::uint8_t {
    Normal,
    Break,
    Continue,
    Return,
    Dead,  ///< exit, an uncaught exception, a fatal error: PHP would not come back
    Lost,  ///< a jump that happens on some ways and not on others: the loop around it is not followed
};

/// A way through the code that reached `return` where other ways went on.
struct Exit {
    State state;
    Value value;
};

/// Where an assignment goes: a variable and the keys below it.
struct Target {
    struct Step {
        enum class Kind : std::uint8_t { Named, Append, Unsure } kind = Kind::Named;
        Key key;
    };
    std::string variable;  ///< empty: nothing that is followed here; "*": any variable
    bool global = false;   ///< $GLOBALS[variable]
    std::vector<Step> steps;
};

/// $_SERVER and its like; $GLOBALS is not one of them here.
bool is_superglobal(const std::string& name);
/// A variable or an element of one whose keys can be computed again without effect.
bool plain_keys(const Expr& expr);

/// Walks the tree of one file and of what it includes. Where a condition is not known both ways are walked
/// and what they leave is merged; where that does not work, everything that the code could write becomes
/// Unknown.
class Evaluator {
  public:
    Evaluator(const EvaluateOptions& options, World& world);
    /// The value of the file's `return`, or `standard`. Sets error() for source that PHP refuses.
    Value run_file(std::string_view source, const std::filesystem::path& file, Value standard);
    [[nodiscard]] const std::optional<Error>& error() const { return error_; }
    [[nodiscard]] const State& state() const { return state_; }
    /// Set when PHP would not come back from the file, or when too much remained to be done.
    [[nodiscard]] std::optional<Unknown> ended() const;

  private:
    // statements
    Flow run(const Block& block);
    Flow run(const Stmt& stmt);
    Flow run_if(const Stmt& stmt, std::size_t branch);
    Flow run_switch(const Stmt& stmt);
    Flow run_switch_from(const Stmt& stmt, std::size_t branch);
    Flow run_loop(const Stmt& stmt);
    Flow run_for(const Stmt& stmt);
    Flow run_foreach(const Stmt& stmt);
    Flow run_foreach_over(const Stmt& stmt, const Array& subject);
    Flow run_try(const Stmt& stmt);
    Flow run_unset(const Stmt& stmt);
    Flow run_names(const Stmt& stmt);
    Flow give_up_on(const Stmt& stmt, State before, const std::string& what);
    Flow loop_flow(Flow flow, bool& leave);
    Flow jump(const Stmt& stmt, Flow flow);
    Flow fork(const Unknown& why, const std::function<Flow()>& one, const std::function<Flow()>& other);
    void declare_functions(const Block& block);
    void apply(const Effects& effects, const Unknown& why);

    // expressions
    Value value(const Expr& expr);
    Value compute(const Expr& expr);
    Value template_value(const Expr& expr);
    Value constant(const Expr& expr);
    Value class_constant(const Expr& expr);
    Value array_value(const Expr& expr);
    Value index_value(const Expr& expr);
    Value element(const Value& base, const Value& key, const Expr& expr);
    Value superglobal(const std::string& variable, const Value& key, const Expr& expr);
    Value environment_value(const std::string& name, bool server, const Expr& expr);
    Value unary(const Expr& expr);
    Value binary(const Expr& expr);
    Value operate(std::string_view op, const Value& left, const Value& right, const Expr& expr);
    Value logical(const Expr& expr);
    Value logical_rest(const Expr& expr, bool left);
    Value coalesce(const Expr& expr);
    Value ternary(const Expr& expr);
    Value match(const Expr& expr, std::size_t arm, const Value& subject);
    Value opaque(const Expr& expr);
    std::optional<bool> is_set(const Expr& expr);
    std::optional<bool> all_set(const Expr& expr);
    std::optional<bool> is_empty(const Expr& expr);
    Value either(const Unknown& why, const std::function<Value()>& one, const std::function<Value()>& other);

    // variables
    Scope& scope();
    Scope& scope_of(const std::string& name, bool global);
    Value read_variable(const std::string& name);
    Target target(const Expr& expr);
    Value* place(const Target& target);
    Value read_target(const Target& target, const Expr& expr);
    [[nodiscard]] bool changed_meanwhile(const Expr& early, const Expr& late) const;
    Value assign(const Expr& target_expr, Value new_value);
    Value assign_expression(const Expr& expr);
    Value assign_to(const Target& target, Value new_value);
    Value destructure(const Expr& list, const Value& from);
    Value increment(const Expr& expr);
    Value assign_reference(const Expr& expr);
    void taint_target(const Expr& expr, const Unknown& why);
    void pin(const Expr& expr, const Unknown& why);

    // calls
    Value call(const Expr& expr);
    Value call_builtin(const Builtin& builtin, std::vector<Value>& arguments, const Expr& expr);
    Value call_special(const std::string& name, const Expr& expr, bool& done);
    Value call_function(const Function& function, const Expr& expr);
    Value call_unknown(const Expr& expr, const std::string& what);
    bool bind_parameters(const Function& function, std::vector<Value>& arguments, Scope& into);
    std::optional<std::vector<Value>> arguments(const Expr& expr);
    void after_unknown_code(const Unknown& why);
    Value extract(const Expr& expr);
    Value define_constant(const Expr& expr);
    Value push(const Expr& expr);
    Value compact(const Expr& expr);
    Value include(const Expr& expr);
    Value include_file(const std::filesystem::path& path, const Expr& expr);
    std::optional<std::filesystem::path> find_include(const std::string& name, bool& sure);
    Value finish_frame(Flow flow, std::size_t frame, Value standard);

    [[nodiscard]] Unknown because(std::uint32_t line, const std::string& what) const;
    Value unknown(const Expr& expr, const std::string& what) const { return Value(because(expr.line, what)); }
    bool out_of_steps();

    const EvaluateOptions& options_;
    World& world_;
    State state_;
    std::vector<std::filesystem::path> files_;  ///< being run; the last one gives __FILE__
    std::vector<std::string> functions_;        ///< being run
    std::vector<std::vector<Exit>> frames_;     ///< one for each file and function being run
    std::vector<std::shared_ptr<Program>> programs_;
    Value returned_;
    std::int64_t jump_levels_ = 0;
    bool dead_ = false;             ///< set by an expression that does not come back
    std::optional<Unknown> ended_;  ///< the reason why the whole file did not
    int forks_ = 0;                 ///< > 0: it is not certain that this code runs
    std::size_t steps_ = 0;
    std::optional<Error> error_;
};

}  // namespace bdupdate::php
