import { type JSX, useState } from 'react';

/** A field that searches in what stands below it. */
export function SearchField({ children }: { children(search: string): JSX.Element }): JSX.Element {
  const [search, setSearch] = useState('');
  return (
    <>
      <input
        className="input section-search"
        type="search"
        placeholder="Search in keys and values"
        aria-label="Search in metadata"
        value={search}
        onChange={(event) => setSearch(event.target.value)}
      />
      {children(search)}
    </>
  );
}
