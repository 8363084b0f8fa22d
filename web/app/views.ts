import { graphql, type ResultOf } from '../data/graphql.js';

const NamedView = graphql(`
  fragment NamedView on View {
    id
    name
    address
    by
    updatedAt
  }
`);
export type NamedView = ResultOf<typeof NamedView>;

export const AllViews = graphql(
  `
    query AllViews {
      views {
        ...NamedView
      }
    }
  `,
  [NamedView],
);

export const OneView = graphql(
  `
    query OneView($id: ID!) {
      view(id: $id) {
        ...NamedView
      }
    }
  `,
  [NamedView],
);

export const CreateView = graphql(`
  mutation CreateView($input: CreateViewInput!) {
    createView(input: $input) {
      view {
        id
      }
    }
  }
`);

export const UpdateView = graphql(`
  mutation UpdateView($id: ID!, $input: UpdateViewInput!) {
    updateView(id: $id, input: $input) {
      view {
        id
      }
    }
  }
`);

export const DeleteView = graphql(`
  mutation DeleteView($id: ID!) {
    deleteView(id: $id) {
      id
    }
  }
`);
