#include "bdupdate/php/interpreter.h"

#include "evaluator.h"

namespace bdupdate::php {

Value Evaluation::get(const std::string& name) const {
    if (const auto found = variables.find(name); found != variables.end()) return found->second;
    return everything ? Value(*everything) : Value();
}

Result<Evaluation> evaluate_file(std::string_view source, const EvaluateOptions& options, World& world) {
    Evaluator evaluator(options, world);
    Value returned = evaluator.run_file(source, options.file, Value(std::int64_t{1}));
    if (evaluator.error()) return fail(*evaluator.error());
    Evaluation out;
    if (const auto ended = evaluator.ended()) {
        out.everything = *ended;
        return out;
    }
    const Scope& scope = evaluator.state().file;
    out.everything = scope.lost ? scope.lost : scope.rest;
    for (const auto& [name, value] : scope.variables) {
        Value read = scope.read(name);
        if (!read.is_null() || out.everything) out.variables.emplace(name, std::move(read));
    }
    for (const auto& [name, target] : scope.aliases) out.variables.insert_or_assign(name, scope.read(target));
    for (const auto& [name, why] : scope.pinned) out.variables.insert_or_assign(name, Value(why));
    out.returned = std::move(returned);
    return out;
}

Value evaluate_body(std::string_view body, const EvaluateOptions& options, World& world) {
    EvaluateOptions inside = options;
    if (!inside.globals) inside.globals.emplace();
    Evaluator evaluator(inside, world);
    Value returned = evaluator.run_file("<?php " + std::string(body), options.file, Value());
    if (evaluator.error()) return Value(Unknown{evaluator.error()->message});
    if (const auto ended = evaluator.ended()) return Value(*ended);
    return returned;
}

}  // namespace bdupdate::php
