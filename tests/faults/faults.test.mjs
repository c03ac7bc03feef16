// What is promised must hold while processes are killed, disks fail and cables are cut. One file, so that what waits, as most
// of these do most of the time, waits together.
//
// Longer, each by a variable: KILLS=200, PASSKEY_KILLS=50, FAILOVER_ROUNDS=10, TEARS=100, MIGRATE_ROWS=1000000. A full disk under PostgreSQL
// needs a file system of its own, which root alone can mount; elsewhere that one is skipped. Full and slow disks and jumping
// clocks under SQLite are made by support/shim.c, which needs nothing but a compiler.
import { after, describe } from "node:test";
import { carriers } from "./suites/carriers.mjs";
import { credentials } from "./suites/credentials.mjs";
import { diskAndClock } from "./suites/disk.mjs";
import { failover } from "./suites/failover.mjs";
import { badKeys, changeOfKeys } from "./suites/keys.mjs";
import { killing } from "./suites/kill.mjs";
import { closedDescriptors, databaseComesLater, lameDuck, serviceManager } from "./suites/life.mjs";
import { metadata } from "./suites/metadata.mjs";
import { migration, unfinished } from "./suites/migrate.mjs";
import { badStarts, postgresDiskFull, postgresOutages } from "./suites/outages.mjs";
import { passkeysOnPostgres, passkeysOnSqlite } from "./suites/passkeys.mjs";
import { poolers } from "./suites/pooler.mjs";
import { pushOnTwoNodes, webPushOnTwoNodes } from "./suites/push.mjs";
import { tornLog } from "./suites/torn_log.mjs";
import { upgrade } from "./suites/upgrade.mjs";
import { damagedFile, openLock, removedFile } from "./suites/unwell.mjs";
import { upstream } from "./suites/upstream.mjs";

describe("faults", { concurrency: 4 }, () => {
  // A test whose time is over leaves its processes behind, for which Node would wait.
  after(() => {
    setTimeout(() => {
      console.error("a process of a test still runs");
      process.exit(1);
    }, 30_000).unref();
  });
  // The longest first.
  killing();
  upstream();
  failover();
  carriers();
  changeOfKeys();
  postgresOutages();
  diskAndClock();
  migration();
  unfinished();
  upgrade();
  tornLog();
  postgresDiskFull();
  badStarts();
  poolers();
  passkeysOnSqlite();
  passkeysOnPostgres();
  pushOnTwoNodes();
  webPushOnTwoNodes();
  openLock();
  databaseComesLater();
  lameDuck();
  credentials();
  metadata();
  removedFile();
  damagedFile();
  serviceManager();
  badKeys();
  closedDescriptors();
});
