import { createSqliteStore } from "../../testing/sqlite-store.testsuite.ts";
import { describeJoined } from "../../testing/store/joined.testsuite.ts";
import { describeStore } from "../../testing/store.testsuite.ts";

describeStore("SQLite", createSqliteStore);
describeJoined("SQLite", createSqliteStore);
