import { type FormEvent, type JSX, type ReactNode, useState } from 'react';
import { ask } from '../data/ask.js';
import { failureFrom } from '../data/failure.js';
import { Problem } from '../ui/Problem.js';
import { CreateEdgeRule, CreateNodeRule } from './documents.js';
import { GremlinField } from './GremlinField.js';

interface FormProps {
  onDone(): void;
}

/** The object that somebody wrote; empty text is an empty one. Throws with words for people. */
function readObject(text: string): Record<string, unknown> {
  if (text.trim() === '') return {};
  const value = JSON.parse(text) as unknown;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('metadata is an object: {"Rack": "r12"}');
  return value as Record<string, unknown>;
}

/** A node that is to be there, or values that are to lie over nodes. */
export function NodeRuleForm({ onDone }: FormProps): JSX.Element {
  const [action, setAction] = useState<'CREATE' | 'UPDATE'>('CREATE');
  const [text, setText] = useState({ name: '', description: '', node: '', type: '', gremlin: '', metadata: '' });
  const put = (part: Partial<typeof text>): void => setText({ ...text, ...part });
  const create = (): Promise<unknown> => {
    const metadata = { ...readObject(text.metadata), ...(action === 'CREATE' && { Name: text.node, Type: text.type }) };
    const { name, description, gremlin } = text;
    return ask(CreateNodeRule, { input: { name, description, action, metadata, gremlin: action === 'UPDATE' ? gremlin : null } });
  };
  return (
    <RuleForm title="New rule for nodes" create={create} onDone={onDone}>
      <label>
        What it does
        <select className="input" value={action} onChange={(event) => setAction(event.target.value as 'CREATE' | 'UPDATE')}>
          <option value="CREATE">keeps a node there</option>
          <option value="UPDATE">lays values over nodes</option>
        </select>
      </label>
      <TextField title="Name of the rule" text={text.name} onText={(name) => put({ name })} />
      <TextField title="What it is for" text={text.description} onText={(description) => put({ description })} />
      {action === 'CREATE' ? (
        <>
          <TextField title="Name of the node" isRequired text={text.node} onText={(node) => put({ node })} />
          <TextField title="Its type" isRequired placeholder="fabric" text={text.type} onText={(type) => put({ type })} />
        </>
      ) : (
        <GremlinField title="On all nodes that this finds, now and later" text={text.gremlin} onText={(gremlin) => put({ gremlin })} />
      )}
      <MetadataField text={text.metadata} onText={(metadata) => put({ metadata })} />
    </RuleForm>
  );
}

/** Links between all that one string finds and all that another finds. */
export function EdgeRuleForm({ onDone }: FormProps): JSX.Element {
  const [text, setText] = useState({ name: '', description: '', source: '', target: '', relation: 'layer2', metadata: '' });
  const put = (part: Partial<typeof text>): void => setText({ ...text, ...part });
  const create = (): Promise<unknown> => {
    const { name, description, source, target, relation } = text;
    return ask(CreateEdgeRule, {
      input: { name, description, source, target, relationType: relation, metadata: readObject(text.metadata) },
    });
  };
  return (
    <RuleForm title="New rule for links" create={create} onDone={onDone}>
      <TextField title="Name of the rule" text={text.name} onText={(name) => put({ name })} />
      <TextField title="What it is for" text={text.description} onText={(description) => put({ description })} />
      <TextField title="Relation" isRequired placeholder="layer2" text={text.relation} onText={(relation) => put({ relation })} />
      <GremlinField title="From all nodes that this finds" text={text.source} onText={(source) => put({ source })} />
      <GremlinField title="To all nodes that this finds" text={text.target} onText={(target) => put({ target })} />
      <MetadataField text={text.metadata} onText={(metadata) => put({ metadata })} />
    </RuleForm>
  );
}

interface RuleFormProps extends FormProps {
  readonly title: string;
  readonly children: ReactNode;
  create(): Promise<unknown>;
}

function RuleForm({ title, children, create, onDone }: RuleFormProps): JSX.Element {
  const [problem, setProblem] = useState<string>();
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setProblem(undefined);
    try {
      await create();
      onDone();
    } catch (error) {
      setProblem(failureFrom(error).message);
    }
  };
  return (
    <form className="card-form" aria-label={title} onSubmit={(event) => void submit(event)}>
      <div className="fields">{children}</div>
      <Problem message={problem} />
      <button className="button is-main">Keep it</button>
    </form>
  );
}

interface FieldProps {
  readonly title: string;
  readonly text: string;
  readonly placeholder?: string;
  readonly isRequired?: boolean;
  onText(text: string): void;
}

const TextField = ({ title, text, placeholder, isRequired = false, onText }: FieldProps): JSX.Element => (
  <label>
    {title}
    <input
      className="input"
      required={isRequired}
      placeholder={placeholder}
      value={text}
      onChange={(event) => onText(event.target.value)}
    />
  </label>
);

const MetadataField = ({ text, onText }: Pick<FieldProps, 'text' | 'onText'>): JSX.Element => (
  <label className="is-wide">
    Metadata, as JSON
    <textarea className="input mono" rows={3} placeholder='{"Rack": "r12"}' value={text} onChange={(event) => onText(event.target.value)} />
  </label>
);
