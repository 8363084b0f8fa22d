import { describe, expect, it } from 'vitest';
import type { PictureNode } from '../../web/data/elements.js';
import { ChangingPicture } from '../../web/data/picture.js';

const node = (id: string): PictureNode => ({ __typename: 'Device', id, key: id }) as unknown as PictureNode;

describe('a picture that is read page by page', () => {
  it('has what the last snapshot has, also when one before it was broken off', () => {
    const picture = new ChangingPicture();
    picture.page([node('gone'), node('here')], [], false);
    expect(picture.isComplete).toBe(false);
    picture.restart();
    picture.page([node('here')], [], false);
    picture.page([node('new')], [], true);
    expect([...picture.nodes.keys()]).toEqual(['here', 'new']);
    expect(picture.isComplete).toBe(true);
  });
});
