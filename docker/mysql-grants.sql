-- Every server makes and migrates its own database; all their names begin with "mydropbox_".
GRANT ALL ON `mydropbox\_%`.* TO 'mydropbox'@'%';
