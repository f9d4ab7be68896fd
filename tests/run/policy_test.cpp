#include "../../src/run/policy.h"

#include <gtest/gtest.h>

namespace bdupdate::run {
namespace {

using Policy = FailurePolicy;
using Why = Halt::Why;

/// An update failed in its first pass, behind others that are committed.
FailureFacts failed_update() {
    FailureFacts facts;
    facts.why = Why::Failed;
    facts.stage = Halt::Stage::Update;
    facts.committed = facts.has_backup = true;
    return facts;
}

TEST(PolicyTest, EachPolicyDoesItsOwnWithAFailedUpdate) {
    EXPECT_EQ(consequence(failed_update(), Policy::Restore), Consequence::Restore);
    EXPECT_EQ(consequence(failed_update(), Policy::Stop), Consequence::Stop);
    EXPECT_EQ(consequence(failed_update(), Policy::Continue), Consequence::GoOn);
}

TEST(PolicyTest, NothingIsRestoredWhereNothingWasCommitted) {
    FailureFacts facts = failed_update();
    facts.committed = false;
    EXPECT_EQ(consequence(facts, Policy::Restore), Consequence::CloseUntouched);
    EXPECT_EQ(consequence(facts, Policy::Stop), Consequence::CloseUntouched);
    EXPECT_EQ(consequence(facts, Policy::Continue), Consequence::GoOn);
}

TEST(PolicyTest, WhatCannotBeGoneOnWithIsRestoredByContinue) {
    FailureFacts begun = failed_update();
    begun.update_begun = true;
    EXPECT_EQ(consequence(begun, Policy::Continue), Consequence::Restore);
    FailureFacts flush = failed_update();
    flush.stage = Halt::Stage::Machinery;
    EXPECT_EQ(consequence(flush, Policy::Continue), Consequence::Restore);
    flush.has_backup = false;
    EXPECT_EQ(consequence(flush, Policy::Continue), Consequence::Stop);
}

TEST(PolicyTest, ASplitPassRestoresWhateverThePolicy) {
    FailureFacts facts = failed_update();
    facts.why = Why::Split;
    for (const bool committed : {false, true}) {
        for (const Policy policy : {Policy::Restore, Policy::Stop, Policy::Continue}) {
            facts.committed = committed;
            facts.has_backup = true;
            EXPECT_EQ(consequence(facts, policy), Consequence::Restore);
            facts.has_backup = false;
            EXPECT_EQ(consequence(facts, policy), Consequence::NeedsHands);
        }
    }
}

TEST(PolicyTest, ASignalStopsAndNeverRestoresOrGoesOn) {
    FailureFacts stopped = failed_update();
    stopped.why = Why::Signal;
    FailureFacts aborted = failed_update();
    aborted.signal = true;
    for (const Policy policy : {Policy::Restore, Policy::Stop, Policy::Continue}) {
        EXPECT_EQ(consequence(stopped, policy), Consequence::Stop);
        EXPECT_EQ(consequence(aborted, policy), Consequence::Stop);
    }
}

TEST(PolicyTest, WhereItIsNotKnownOrNotOursNothingIsTouched) {
    FailureFacts facts = failed_update();
    for (const Why why : {Why::Unclear, Why::Overtaken}) {
        for (const bool committed : {false, true}) {
            facts.why = why;
            facts.committed = committed;
            for (const Policy policy : {Policy::Restore, Policy::Stop, Policy::Continue})
                EXPECT_EQ(consequence(facts, policy), Consequence::LeaveAlone);
        }
    }
}

TEST(PolicyTest, AnUpdateThatVanishedKeepsTheRunOpen) {
    FailureFacts facts = failed_update();
    facts.why = Why::Vanished;
    facts.stage = Halt::Stage::Machinery;
    EXPECT_EQ(consequence(facts, Policy::Restore), Consequence::Stop);
}

TEST(PolicyTest, RestoreIsTheDefaultWhereItTakesNothingAway) {
    Options options;
    EXPECT_EQ(options.failure_policy(), Policy::Restore);
    options.maintenance = MaintenancePolicy::Off;
    EXPECT_EQ(options.failure_policy(), Policy::Stop);
    options.maintenance = MaintenancePolicy::Keep;
    EXPECT_EQ(options.failure_policy(), Policy::Restore);
    options.backup = false;
    EXPECT_EQ(options.failure_policy(), Policy::Stop);
    options.on_failure = Policy::Continue;
    EXPECT_EQ(options.failure_policy(), Policy::Continue);
}

TEST(PolicyTest, RecoverGoesOnWithThePolicyThatTheRunBeganWith) {
    Options options;
    options.on_failure = Policy::Continue;
    options.selection.skip_functions = {"a_update_1", "b_update_2"};
    Options taken;
    taken.take_journalled(options.journalled());
    EXPECT_EQ(taken.failure_policy(), Policy::Continue);
    EXPECT_EQ(taken.selection.skip_functions, options.selection.skip_functions);
}

}  // namespace
}  // namespace bdupdate::run
