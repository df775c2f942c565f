-- What each city is called and which clock it has: whoever reads an archive may have no city's file at hand.
ALTER TABLE positions ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE positions ADD COLUMN zone TEXT NOT NULL DEFAULT 'Asia/Jakarta';
