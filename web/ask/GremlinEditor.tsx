import { acceptCompletion, autocompletion, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete';
import { StreamLanguage, syntaxHighlighting, HighlightStyle } from '@codemirror/language';
import { Prec } from '@codemirror/state';
import { EditorView, keymap } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { minimalSetup } from 'codemirror';
import { type JSX, useEffect, useRef } from 'react';
import { completeGremlin } from '../data/completeGremlin.js';
import type { Failure } from '../data/failure.js';

interface GremlinEditorProps {
  readonly text: string;
  /** Its details say where the string goes wrong. */
  readonly failure: Failure | undefined;
  onText(text: string): void;
  onRun(text: string): void;
}

/** Names, texts, numbers: all that the dialect is made of. */
const gremlin = StreamLanguage.define<null>({
  token(stream) {
    if (stream.match(/^'(?:[^'\\]|\\.)*'?/) || stream.match(/^"(?:[^"\\]|\\.)*"?/)) return 'string';
    if (stream.match(/^-?\d+(\.\d+)?/)) return 'number';
    if (stream.match(/^[A-Za-z_]\w*/)) return 'keyword';
    stream.next();
    return null;
  },
});

const colours = HighlightStyle.define([
  { tag: tags.string, color: 'var(--added)' },
  { tag: tags.number, color: 'var(--other)' },
  { tag: tags.keyword, color: 'var(--accent)' },
]);

async function complete(context: CompletionContext): Promise<CompletionResult | null> {
  const answer = await completeGremlin(context.state.sliceDoc(0, context.pos)).catch(() => undefined);
  if (!answer || answer.items.length === 0) return null;
  return { from: answer.from, options: answer.items.map(({ text, doc }) => ({ label: text, detail: doc })) };
}

/** An editor for Gremlin strings: steps and types are completed, and the place of a fault is marked. */
export function GremlinEditor({ text, failure, onText, onRun }: GremlinEditorProps): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const acts = useRef({ onText, onRun });
  // What the editor said and has not come back yet: who types fast is ahead of the address.
  const told = useRef<string[]>([]);
  acts.current = { onText, onRun };
  useEffect(() => {
    const made = new EditorView({
      doc: text,
      parent: host.current!,
      extensions: [
        minimalSetup,
        gremlin,
        syntaxHighlighting(colours),
        autocompletion({ override: [complete] }),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ 'aria-label': 'Gremlin string' }),
        Prec.highest(
          keymap.of([
            { key: 'Mod-Enter', run: (editor) => (acts.current.onRun(editor.state.doc.toString()), true) },
            { key: 'Tab', run: acceptCompletion },
          ]),
        ),
        EditorView.updateListener.of((update) => {
          if (!update.docChanged) return;
          const now = update.state.doc.toString();
          told.current.push(now);
          acts.current.onText(now);
        }),
      ],
    });
    view.current = made;
    return () => made.destroy();
    // The editor keeps its text itself; another one comes in below.
  }, []);
  useEffect(() => {
    const editor = view.current;
    const place = told.current.indexOf(text);
    if (place >= 0) return void told.current.splice(0, place + 1);
    if (editor && editor.state.doc.toString() !== text)
      editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: text } });
  }, [text]);
  const place = placeOf(failure);
  useEffect(() => {
    const editor = view.current;
    if (!editor || !place) return;
    const line = editor.state.doc.line(Math.min(editor.state.doc.lines, Math.max(1, place.line)));
    const at = Math.min(line.to, line.from + Math.max(0, place.column - 1));
    editor.dispatch({ selection: { anchor: at }, scrollIntoView: true });
    editor.focus();
    // Once for each failure.
  }, [failure]);
  return <div ref={host} className={`editor ${place ? 'is-bad' : ''}`} />;
}

function placeOf(failure: Failure | undefined): { readonly line: number; readonly column: number } | undefined {
  const { line, column } = (failure?.details ?? {}) as { line?: unknown; column?: unknown };
  return typeof line === 'number' && typeof column === 'number' ? { line, column } : undefined;
}
