// People import Freshet alone: the types its verbs take and return come with it.
@_exported public import Corrector
@_exported public import Encoder
@_exported public import Evaluation
@_exported public import Mining
@_exported public import Store
@_exported public import Tensors
@_exported public import Training
@_exported public import VectorIndex
