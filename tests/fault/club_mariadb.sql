-- The tables of docs/example-site/site.sql on MariaDB, as Backdrop's schema API would have made them there. Rows come from the SQLite
-- database of the example site (see club.cpp).

SET sql_mode = 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES,NO_AUTO_VALUE_ON_ZERO';

CREATE TABLE system (
  filename VARCHAR(255) NOT NULL DEFAULT '' PRIMARY KEY,
  name VARCHAR(255) NOT NULL DEFAULT '',
  type VARCHAR(12) NOT NULL DEFAULT '',
  owner VARCHAR(255) NOT NULL DEFAULT '',
  status INT NOT NULL DEFAULT 0,
  bootstrap INT NOT NULL DEFAULT 0,
  schema_version SMALLINT NOT NULL DEFAULT -1,
  weight INT NOT NULL DEFAULT 0,
  info BLOB,
  KEY system_list (status, bootstrap, type, weight, name),
  KEY type_name (type, name)
);
CREATE TABLE variable (
  name VARCHAR(128) NOT NULL DEFAULT '' PRIMARY KEY,
  value LONGBLOB NOT NULL
);
CREATE TABLE state (
  name VARCHAR(128) NOT NULL DEFAULT '' PRIMARY KEY,
  value LONGBLOB NOT NULL
);
CREATE TABLE semaphore (
  name VARCHAR(255) NOT NULL DEFAULT '' PRIMARY KEY,
  value VARCHAR(255) NOT NULL DEFAULT '',
  expire DOUBLE NOT NULL,
  KEY value (value),
  KEY expire (expire)
);
CREATE TABLE cache (
  cid VARCHAR(255) NOT NULL DEFAULT '' PRIMARY KEY,
  data LONGBLOB,
  expire INT NOT NULL DEFAULT 0,
  created INT NOT NULL DEFAULT 0,
  serialized SMALLINT NOT NULL DEFAULT 0,
  KEY expire (expire)
);
CREATE TABLE cache_page (
  cid VARCHAR(255) NOT NULL DEFAULT '' PRIMARY KEY,
  data LONGBLOB,
  expire INT NOT NULL DEFAULT 0,
  created INT NOT NULL DEFAULT 0,
  serialized SMALLINT NOT NULL DEFAULT 0,
  KEY expire (expire)
);
CREATE TABLE users (
  uid INT UNSIGNED NOT NULL PRIMARY KEY,
  name VARCHAR(60) NOT NULL DEFAULT '',
  mail VARCHAR(254) DEFAULT '',
  phone VARCHAR(15) NOT NULL DEFAULT '',
  created INT NOT NULL DEFAULT 0,
  status TINYINT NOT NULL DEFAULT 0,
  UNIQUE KEY name (name),
  KEY created (created)
);
CREATE TABLE event (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  title VARCHAR(255) NOT NULL DEFAULT '',
  starts INT UNSIGNED NOT NULL DEFAULT 0,
  place VARCHAR(60) DEFAULT NULL,
  data LONGBLOB
);
CREATE TABLE newsletter_subscriber (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  mail VARCHAR(254) NOT NULL DEFAULT '',
  created INT NOT NULL DEFAULT 0,
  KEY mail (mail)
);
CREATE TABLE dues_payment (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  uid INT UNSIGNED NOT NULL,
  year SMALLINT NOT NULL,
  amount FLOAT NOT NULL DEFAULT 0,
  paid TINYINT NOT NULL DEFAULT 0,
  KEY uid_year (uid, year)
);
CREATE TABLE gallery_image (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  path VARCHAR(255) NOT NULL DEFAULT '',
  thumbnail VARCHAR(255) DEFAULT NULL,
  license VARCHAR(60) NOT NULL DEFAULT '',
  KEY thumbnail (thumbnail)
);
