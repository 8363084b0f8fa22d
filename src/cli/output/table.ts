import { paint, printable, type Colour } from './colour.js';
import type { Terminal } from '../terminal.js';

/** One column of a table of rows. */
export interface Column<Row> {
  readonly title: string;
  value(row: Row): string | number | null | undefined;
  colour?(row: Row): Colour | undefined;
  /** Numbers stand at the right. */
  readonly right?: true;
}

const GAP = 2;
/** No column is cut below this, because less says nothing. */
const NARROWEST = 6;

/** The rows below their titles, aligned; cut to the width of a screen, never cut elsewhere. */
export const renderTable = <Row>(rows: readonly Row[], columns: readonly Column<Row>[], terminal: Screen): string =>
  tableInParts(columns, terminal)(rows);

type Screen = Pick<Terminal, 'columns' | 'hasColour'>;

/** A table whose rows come bit by bit: titles stand above the first ones only, and columns never become narrower. */
export function tableInParts<Row>(columns: readonly Column<Row>[], terminal: Screen): (rows: readonly Row[]) => string {
  let widest = columns.map(({ title }) => title.length);
  let isBegun = false;
  return (rows) => {
    const cells = rows.map((row) => columns.map((column) => printable(String(column.value(row) ?? ''))));
    widest = widest.map((known, index) => cells.reduce((most, row) => Math.max(most, row[index]!.length), known));
    const widths = fit(widest, terminal.columns);
    const line = (texts: readonly string[], colourOf: (index: number) => Colour | undefined): string =>
      texts
        .map((text, index) => {
          const shown = cut(text, widths[index]!);
          const blank = ' '.repeat(widths[index]! - shown.length);
          const painted = paint(shown, colourOf(index), terminal.hasColour);
          if (columns[index]!.right) return blank + painted;
          return index === texts.length - 1 ? painted : painted + blank;
        })
        .join(' '.repeat(GAP))
        .trimEnd();
    const lines = cells.map((texts, row) => line(texts, (index) => columns[index]!.colour?.(rows[row]!)));
    if (!isBegun)
      lines.unshift(
        line(
          columns.map(({ title }) => title),
          () => 'strong',
        ),
      );
    isBegun = true;
    return `${lines.join('\n')}\n`;
  };
}

/** Takes from the widest columns until the line fits. */
function fit(widths: readonly number[], available: number): number[] {
  const fitted = [...widths];
  const total = () => fitted.reduce((sum, width) => sum + width, 0) + GAP * (fitted.length - 1);
  while (total() > available) {
    const widest = fitted.indexOf(Math.max(...fitted));
    if (fitted[widest]! <= NARROWEST) break;
    fitted[widest]!--;
  }
  return fitted;
}

const cut = (text: string, width: number): string => (text.length <= width ? text : `${text.slice(0, width - 1)}…`);
