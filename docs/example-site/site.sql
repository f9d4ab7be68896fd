-- The database of the example site, as it stood before the new code of the modules came:
--
--   sqlite3 site.sqlite < site.sql
--
-- Tables of the club have the columns that their modules made; {system}, {state}, {variable}, {cache} and {semaphore} have those
-- of Backdrop's core.

BEGIN;

CREATE TABLE system (
  filename VARCHAR(255) NOT NULL DEFAULT '' PRIMARY KEY,
  name VARCHAR(255) NOT NULL DEFAULT '',
  type VARCHAR(12) NOT NULL DEFAULT '',
  owner VARCHAR(255) NOT NULL DEFAULT '',
  status INT NOT NULL DEFAULT 0,
  bootstrap INT NOT NULL DEFAULT 0,
  schema_version SMALLINT NOT NULL DEFAULT -1,
  weight INT NOT NULL DEFAULT 0,
  info BLOB
);
CREATE INDEX system_system_list ON system (status, bootstrap, type, weight, name);
CREATE INDEX system_type_name ON system (type, name);

INSERT INTO system (filename, name, type, status, schema_version, weight, info) VALUES
  ('modules/club/club.module', 'club', 'module', 1, 1000, -5, 'a:1:{s:4:"name";s:4:"Club";}'),
  ('modules/dues/dues.module', 'dues', 'module', 1, 1004, 0, 'a:1:{s:4:"name";s:4:"Dues";}'),
  ('modules/event/event.module', 'event', 'module', 1, 1001, 0, 'a:1:{s:4:"name";s:6:"Events";}'),
  ('modules/gallery/gallery.module', 'gallery', 'module', 0, 1000, 0, 'a:1:{s:4:"name";s:7:"Gallery";}'),
  ('sites/all/modules/guestbook/guestbook.module', 'guestbook', 'module', 0, 7002, 0, 'a:1:{s:4:"name";s:9:"Guestbook";}'),
  ('modules/member/member.module', 'member', 'module', 1, 1000, 0, 'a:1:{s:4:"name";s:7:"Members";}'),
  ('modules/newsletter/newsletter.module', 'newsletter', 'module', 1, 7002, 2, 'a:1:{s:4:"name";s:10:"Newsletter";}'),
  ('modules/poll/poll.module', 'poll', 'module', 0, -1, 0, 'a:1:{s:4:"name";s:4:"Poll";}'),
  ('themes/river/river.info', 'river', 'theme', 1, 0, 0, 'a:1:{s:4:"name";s:5:"River";}');

CREATE TABLE variable (
  name VARCHAR(128) NOT NULL DEFAULT '' PRIMARY KEY,
  value LONGBLOB NOT NULL
);

-- Values are PHP-serialised. club_number_prefix was never set: its update falls back to a default.
INSERT INTO variable (name, value) VALUES
  ('club_season_start', 'i:3;'),
  ('club_season_end', 's:2:"11";'),
  ('club_greeting', 's:16:"Grüezi mitenand";'),
  ('club_last_assembly', 'i:1425427200;'),
  ('newsletter_sender', 's:22:"newsletter@example.org";'),
  ('newsletter_issues', 'i:6;'),
  ('newsletter_sections', 'a:3:{i:0;s:4:"News";i:1;s:8:"Regattas";i:2;s:4:"Boat";}');

CREATE TABLE state (
  name VARCHAR(128) NOT NULL DEFAULT '' PRIMARY KEY,
  value LONGBLOB NOT NULL
);
INSERT INTO state (name, value) VALUES
  ('install_time', 'i:1420070400;'),
  ('css_js_query_string', 's:6:"nhf4zd";');

CREATE TABLE semaphore (
  name VARCHAR(255) NOT NULL DEFAULT '' PRIMARY KEY,
  value VARCHAR(255) NOT NULL DEFAULT '',
  expire DOUBLE NOT NULL
);
CREATE INDEX semaphore_value ON semaphore (value);
CREATE INDEX semaphore_expire ON semaphore (expire);

CREATE TABLE cache (
  cid VARCHAR(255) NOT NULL DEFAULT '' PRIMARY KEY,
  data LONGBLOB,
  expire INT NOT NULL DEFAULT 0,
  created INT NOT NULL DEFAULT 0,
  serialized SMALLINT NOT NULL DEFAULT 0
);
CREATE INDEX cache_expire ON cache (expire);
CREATE TABLE cache_page (
  cid VARCHAR(255) NOT NULL DEFAULT '' PRIMARY KEY,
  data LONGBLOB,
  expire INT NOT NULL DEFAULT 0,
  created INT NOT NULL DEFAULT 0,
  serialized SMALLINT NOT NULL DEFAULT 0
);
CREATE INDEX cache_page_expire ON cache_page (expire);
INSERT INTO cache (cid, data, created) VALUES ('states', 'a:0:{}', 1420070400);
INSERT INTO cache_page (cid, data, created) VALUES ('https://club.example.org/', '<h1>Rowing club Aare</h1>', 1420070400);

-- The anonymous user and 1,000 members: 25 first names with 40 surnames each.
CREATE TABLE users (
  uid INTEGER NOT NULL PRIMARY KEY,
  name VARCHAR(60) NOT NULL DEFAULT '' COLLATE NOCASE,
  mail VARCHAR(254) DEFAULT '' COLLATE NOCASE,
  phone VARCHAR(15) NOT NULL DEFAULT '' COLLATE NOCASE,
  created INT NOT NULL DEFAULT 0,
  status TINYINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX users_name ON users (name);
CREATE INDEX users_created ON users (created);

INSERT INTO users (uid, name, mail) VALUES (0, '', NULL);
WITH RECURSIVE
  n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999),
  first(i, name) AS (VALUES
    (0, 'Anna'), (1, 'Beat'), (2, 'Carla'), (3, 'Daniel'), (4, 'Elena'), (5, 'Felix'), (6, 'Giulia'), (7, 'Hans'), (8, 'Iris'),
    (9, 'Jonas'), (10, 'Klara'), (11, 'Luca'), (12, 'Mia'), (13, 'Nils'), (14, 'Olivia'), (15, 'Pascal'), (16, 'Quirin'),
    (17, 'Rahel'), (18, 'Simon'), (19, 'Theres'), (20, 'Urs'), (21, 'Vera'), (22, 'Walter'), (23, 'Yvonne'), (24, 'Zoë')),
  last(i, name) AS (VALUES
    (0, 'Aebi'), (1, 'Amsler'), (2, 'Bachmann'), (3, 'Berger'), (4, 'Bieri'), (5, 'Brunner'), (6, 'Christen'), (7, 'Dubois'),
    (8, 'Egli'), (9, 'Fischer'), (10, 'Frei'), (11, 'Gerber'), (12, 'Graf'), (13, 'Hofer'), (14, 'Huber'), (15, 'Imhof'),
    (16, 'Jost'), (17, 'Kaufmann'), (18, 'Keller'), (19, 'Kunz'), (20, 'Lehmann'), (21, 'Lüthi'), (22, 'Maurer'), (23, 'Meier'),
    (24, 'Moser'), (25, 'Müller'), (26, 'Nyffeler'), (27, 'Ott'), (28, 'Pfister'), (29, 'Roth'), (30, 'Rüegg'), (31, 'Schmid'),
    (32, 'Schneider'), (33, 'Senn'), (34, 'Steiner'), (35, 'Studer'), (36, 'Vogel'), (37, 'Weber'), (38, 'Wyss'), (39, 'Zürcher'))
INSERT INTO users (uid, name, mail, phone, created, status)
SELECT n.i + 1, first.name || ' ' || last.name, 'member' || (n.i + 1) || '@example.org',
  printf('032 %03d %02d %02d', 600 + n.i % 100, n.i * 7 % 100, n.i * 13 % 100),
  1104537600 + n.i * 86400 * 3, n.i % 50 <> 49
FROM n JOIN first ON first.i = n.i % 25 JOIN last ON last.i = n.i / 25
ORDER BY n.i;

-- Who takes part is still serialised in the column data, as uids.
CREATE TABLE event (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  title VARCHAR(255) NOT NULL DEFAULT '' COLLATE NOCASE,
  starts INT NOT NULL DEFAULT 0 CHECK (starts >= 0),
  place VARCHAR(60) DEFAULT NULL COLLATE NOCASE,
  data LONGBLOB
);
INSERT INTO event (title, starts, place, data) VALUES
  ('Opening of the season', 1427616000, NULL, 'a:3:{i:0;i:1;i:1;i:2;i:2;i:17;}'),
  ('Sprint regatta', 1430553600, 'Lake of Biel', 'a:4:{i:0;i:12;i:1;i:57;i:2;i:400;i:3;i:999;}'),
  ('Cleaning the boats', 1431072000, '', NULL),
  ('Night on the river', 1435363200, 'Altreu', 'a:2:{i:0;i:17;i:1;i:1000;}');

CREATE TABLE newsletter_subscriber (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  mail VARCHAR(254) NOT NULL DEFAULT '' COLLATE NOCASE,
  created INT NOT NULL DEFAULT 0
);
CREATE INDEX newsletter_subscriber_mail ON newsletter_subscriber (mail);
INSERT INTO newsletter_subscriber (mail, created)
  SELECT mail, created FROM users WHERE uid BETWEEN 1 AND 1000 AND uid % 4 = 0;
INSERT INTO newsletter_subscriber (mail, created) VALUES
  ('MEMBER8@example.org', 1420000000), ('fan@example.org', 1420000001), ('fan@example.org', 1420000002);

CREATE TABLE dues_payment (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  uid INT NOT NULL CHECK (uid >= 0),
  year SMALLINT NOT NULL,
  amount FLOAT NOT NULL DEFAULT 0,
  paid TINYINT NOT NULL DEFAULT 0
);
CREATE INDEX dues_payment_uid_year ON dues_payment (uid, year);
INSERT INTO dues_payment (uid, year, amount, paid)
  SELECT uid, 2013 + uid % 3, CASE WHEN uid % 5 = 0 THEN 120.5 ELSE 240 END, uid % 9 <> 0
  FROM users WHERE uid BETWEEN 1 AND 300;

CREATE TABLE gallery_image (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  path VARCHAR(255) NOT NULL DEFAULT '' COLLATE NOCASE,
  thumbnail VARCHAR(255) DEFAULT NULL COLLATE NOCASE,
  license VARCHAR(60) NOT NULL DEFAULT '' COLLATE NOCASE
);
CREATE INDEX gallery_image_thumbnail ON gallery_image (thumbnail);
INSERT INTO gallery_image (path, thumbnail, license) VALUES
  ('regatta/2014/start.jpg', 'thumbs/start.jpg', 'CC BY 4.0'),
  ('regatta/2014/finish.jpg', 'thumbs/finish.jpg', '');

COMMIT;
