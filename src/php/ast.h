#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bdupdate/php/value.h"

namespace bdupdate::php {

struct Expr;
struct Stmt;
using ExprPtr = std::unique_ptr<Expr>;
using StmtPtr = std::unique_ptr<Stmt>;
using Block = std::vector<StmtPtr>;

enum class ExprKind : std::uint8_t {
    Literal,          ///< value
    Template,         ///< items: the parts of an interpolated string
    Variable,         ///< name
    DynamicVariable,  ///< `$$x`, `${...}`: children[0] gives the name
    Constant,         ///< name, as written; also `__DIR__` and its like
    Array,            ///< items; as the target of an assignment: list() and []
    Index,            ///< children[0] [ children[1] ]; children[1] empty for `[]`
    Property,         ///< children[0] -> ...
    StaticMember,     ///< X::$y, X::y (a class constant)
    Call,             ///< name, or children[0] when the name is computed; items: arguments
    MethodCall,       ///< children: object or class, computed name; items: arguments
    New,              ///< items: arguments
    Unary,            ///< name: ! - + ~ @ (silence)
    Binary,           ///< name: operator; children[0], children[1]. Also && || and or xor ??
    Assign,           ///< name: "=" or the compound operator such as ".="
    AssignReference,
    Increment,  ///< name: "++" or "--"; prefix
    Ternary,    ///< children: condition, then (empty for ?:), else
    Cast,       ///< name: int, float, string, bool, array, object, unset, binary
    Isset,
    Empty,
    Include,  ///< name: include, include_once, require, require_once
    Exit,
    Print,
    Closure,  ///< items: variables used by reference
    Match,    ///< children[0]: subject; arms
    Throw,
    Opaque,  ///< understood as syntax only (eval, yield, clone, instanceof, backticks); children are
             ///< evaluated
};

/// An element of an array, argument of a call, part of a template, or arm of a match.
struct Item {
    ExprPtr key;    ///< array key; empty for none
    ExprPtr value;  ///< empty for a skipped element of list()
    bool by_reference = false;
    bool spread = false;
    std::vector<ExprPtr> conditions;  ///< of a match arm; empty: default
};

struct Expr {
    ExprKind kind;
    std::uint32_t line = 0;
    bool prefix = false;  ///< of ++ and --
    bool whole = false;   ///< Call: f(...), no call but a closure of it
    bool in_parentheses = false;
    std::string name;
    Value value;
    std::vector<ExprPtr> children;
    std::vector<Item> items;
};

struct Parameter {
    std::string name;
    ExprPtr standard;  ///< default value
    std::string type;  ///< as written, without blanks
    bool by_reference = false;
    bool variadic = false;
};

struct Function {
    std::string name;
    std::vector<Parameter> parameters;
    std::string return_type;
    Block body;
    std::uint32_t line = 0;
};

enum class StmtKind : std::uint8_t {
    Expression,
    Echo,
    If,
    While,
    DoWhile,
    For,
    Foreach,
    Switch,
    Break,
    Continue,
    Return,
    Global,
    Static,
    Unset,
    Function,
    Constant,
    Try,
    Group,
    Class,
    Namespace,
    Goto,
    Nothing,
};

/// A branch of if/elseif/else, or a case of a switch. Without a condition: else, default.
struct Branch {
    ExprPtr condition;
    Block body;
};

struct Stmt {
    StmtKind kind;
    std::uint32_t line = 0;
    std::vector<ExprPtr> expressions;   ///< For: see `counts`. Foreach: subject, key or empty, value
    std::vector<Branch> branches;       ///< If, Switch; loops: one with the body; Try: try, catches, finally
    std::size_t counts[3] = {0, 0, 0};  ///< For: how many expressions stand in init, condition, step
    bool by_reference = false;          ///< Foreach: as &$value
    bool has_finally = false;
    std::vector<std::string> names;  ///< Global, Static, Constant: names; Try: the variables of the catches
    std::shared_ptr<Function> function;
};

/// A parsed file. The statements refer to nothing outside of it.
struct Program {
    Block statements;
    bool unclear = false;  ///< nested too deeply, or no PHP of every version: not understood, but no error
    struct Error {
        std::uint32_t line;
        std::string message;
    };
    std::unique_ptr<Error> error;
};

/// Parses a whole file. `source` need not outlive the result.
Program parse(std::string_view source);

}  // namespace bdupdate::php
