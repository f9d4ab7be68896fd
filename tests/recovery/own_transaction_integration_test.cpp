// Updates that end the transaction of their pass by themselves: nothing of them may be lost silently, or
// stay.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/program.h"

namespace bdupdate::test {
namespace {

using testing::HasSubstr;

struct OwnTransaction : testing::Test {
    ExampleSite site;

    /// The update's body stands between two writes; the site must be as before.
    Completed run_undone(const std::string& body) {
        site.append(
            "modules/gallery/gallery.install",
            "\nfunction gallery_update_1003() {\n"
            "  db_update('gallery_picture')->fields(array('path' => 'first'))->execute();\n  " +
                body +
                "\n  db_update('gallery_picture')->fields(array('license' => 'second'))->execute();\n}\n");
        const std::string before = site.content();
        Completed done = site.run({"run", "--yes", "--module", "gallery"});
        EXPECT_EQ(done.status.code, 1) << done.err;
        EXPECT_EQ(site.content(), before);
        EXPECT_THAT(done.out, HasSubstr("the site is as before the run"));
        return done;
    }
};

TEST_F(OwnTransaction, ACommitAsAQueryIsRefused) {
    EXPECT_THAT(run_undone("db_query('COMMIT');").err, HasSubstr("COMMIT as a query"));
}

TEST_F(OwnTransaction, ARollbackAsAQueryIsRefused) {
    EXPECT_THAT(run_undone("db_query(' rollback');").err, HasSubstr("ROLLBACK as a query"));
}

TEST_F(OwnTransaction, ACommitPastTheApiIsNoticedAndTakenBack) {
    EXPECT_THAT(run_undone("Database::getConnection()->pdo()->exec('COMMIT');").err,
                HasSubstr("ended the transaction of its pass"));
}

TEST_F(OwnTransaction, ARollbackPastTheApiIsNoticedAndWhatFollowedTakenBack) {
    EXPECT_THAT(run_undone("Database::getConnection()->pdo()->exec('ROLLBACK');").err,
                HasSubstr("ended the transaction of its pass"));
}

TEST_F(OwnTransaction, ATransactionOfTheApiThatIsRolledBackIsTheUpdatesBusiness) {
    site.append("modules/gallery/gallery.install",
                "\nfunction gallery_update_1003() {\n  $transaction = db_transaction();\n"
                "  db_update('gallery_picture')->fields(array('path' => 'gone'))->execute();\n"
                "  $transaction->rollback();\n  unset($transaction);\n"
                "  db_update('gallery_picture')->fields(array('license' => 'stays'))->execute();\n}\n");
    const Completed done = site.run({"run", "--yes", "--module", "gallery"});
    EXPECT_EQ(done.status.code, 0) << done.err;
    EXPECT_THAT(site.content(), HasSubstr("start.jpg','stays'"));
}

}  // namespace
}  // namespace bdupdate::test
