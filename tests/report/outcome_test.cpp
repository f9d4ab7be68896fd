// The last lines of a run, in words.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bdupdate/report/text.h"

namespace bdupdate::report {
namespace {

using testing::HasSubstr;
using testing::Not;
using Remainder = run::Outcome::Remainder;

TEST(OutcomeText, RecoverSaysWhatItDidWhereNoUpdateWasLeft) {
    run::Outcome outcome;
    outcome.end = run::End::Updated;
    const auto text = [&outcome] { return outcome_text(outcome, site::Site{}, Style{}); };
    EXPECT_THAT(text(), HasSubstr("nothing was pending; caches flushed for the new code in "));
    for (const auto& [remainder, words] :
         {std::pair(Remainder::FlushAndCheck, "the run had no update left to do: "),
          std::pair(Remainder::Tidying, "the run was done but for tidying up: "),
          std::pair(Remainder::Record, "the run was done: ")}) {
        outcome.remainder = remainder;
        EXPECT_THAT(text(), HasSubstr(words));
        EXPECT_THAT(text(), Not(HasSubstr("new code")));
    }
    outcome.updates = 2;
    EXPECT_THAT(text(), HasSubstr("updated: 2 updates done in "));
}

}  // namespace
}  // namespace bdupdate::report
